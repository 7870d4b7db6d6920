/** The bytes of a large answer. */
export const DOWNLOAD = 16_000_000;

/** The bytes of the message that is announced. */
export const ANNOUNCED = 900_000_000;
