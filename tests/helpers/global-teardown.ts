/** Once after all tests: lets go of the server that the setup acquired, if it did. */
import "./global-setup.ts";

export default async function teardown(): Promise<void> {
  await globalThis.testServer?.release();
}
