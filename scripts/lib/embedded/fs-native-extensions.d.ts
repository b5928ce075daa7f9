/** The part of `fs-native-extensions` that is used; the package has no types of its own. */
declare module "fs-native-extensions" {
  const native: { tryLock(fd: number, options?: { shared?: boolean }): boolean };
  export default native;
}
