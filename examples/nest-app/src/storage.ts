/** Under which a provider or a controller asks for the backend: `@Inject(STORAGE) storage: StorageBackend`. */
export const STORAGE = Symbol("storage");
