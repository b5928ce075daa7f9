/** The batch's name, for all of its parts. */
export const NAME = "migrate-business-data";
