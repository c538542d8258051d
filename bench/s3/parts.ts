/** Of large bodies, for all who can be told: bytes of a part, and how many are under way at once. */
export const partSize: number = 8 * 1024 * 1024;
export const partConcurrency = 4;
