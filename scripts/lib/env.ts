import { config } from "dotenv";

/** The environment of a script, with what a `.env` file adds. What is set already wins. */
export function loadEnvironment(): NodeJS.ProcessEnv {
  config({ quiet: true });
  return process.env;
}
