/** Zstandard through Node's own zlib: the only compression of recordings, and any Parquet reader knows it. */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

const LEVEL = 3

export function zstdCompress(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } })
}

export function zstdDecompress(bytes: Uint8Array, expectedBytes: number): Uint8Array {
  return zstdDecompressSync(bytes, { maxOutputLength: Math.max(expectedBytes, 1) })
}
