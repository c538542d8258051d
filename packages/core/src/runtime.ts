export interface IncrementalHash {
  update(data: Uint8Array): IncrementalHash;
  digest(): Uint8Array;
  digest(encoding: "hex"): string;
}

/** A key that is ready to sign. */
export interface SecretKey {
  readonly type: string;
}

/** What we use of `node:crypto`, as far as the runtime has it. */
interface NodeCrypto {
  createHash(algorithm: "sha256"): IncrementalHash;
  createHmac(algorithm: "sha256", key: SecretKey): IncrementalHash;
  createSecretKey(key: Uint8Array): SecretKey;
}

interface NodeProcess {
  getBuiltinModule?(name: "node:crypto"): NodeCrypto | undefined;
  emitWarning?(warning: string, options: { code: string }): void;
}

export const runtime: { readonly process?: NodeProcess } = globalThis as { readonly process?: NodeProcess };

/** Asked for on first use, so that importing this package touches nothing. */
export const nodeCrypto = (): NodeCrypto | undefined => runtime.process?.getBuiltinModule?.("node:crypto");
