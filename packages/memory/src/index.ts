export { MemoryBackend, type MemoryBackendOptions, type MemoryStats } from "./memory-backend.ts";
