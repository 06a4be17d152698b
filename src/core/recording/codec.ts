/** Zstandard through Node's own zlib: the only compression of recordings, and any Parquet reader knows it. */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

const LEVEL = 3

export function zstdCompress(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } })
}

export function zstdDecompress(bytes: Uint8Array, expectedBytes: number): Uint8Array {
  const length = Math.max(expectedBytes, 64)
  // One chunk of the right size: growing in 16 KB steps costs more than the decompression itself.
  return zstdDecompressSync(bytes, { maxOutputLength: length, chunkSize: length })
}
