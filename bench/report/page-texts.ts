export const filesIntro = `What we put on top of the raw way, and what others put there. Contenders of a row take turns in one
process, which is fresh for each row; figures are medians of the ratios to the raw one of the same round, and
the spread is the lowest and the highest of them. Ratios count on tmpfs, where the file system itself costs
least; the disk is for show. The targets are of ours, on tmpfs with \`durability: "none"\`; ours is held against
the peers that promise the same, and the last column names those ahead of it. S3 and HTTP have pages of their
own: [s3/README.md](s3/README.md), [http/README.md](http/README.md).`;

export const filesNotes = `- Raw is \`writeFile\`, \`readFile\`, \`readdir({ recursive: true })\`, and \`pipeline\` with \`createWriteStream\` and
  \`createReadStream\` as they are by default; with fsync, the same with \`flush: true\`, which does not wait for
  the folder's entry as ours does. In memory it is a \`Map\` with a copy each way. Entries are names with a
  \`stat\` each, 32 at once. A page is what stands first in the order of the keys.
- Raw stores no metadata: the rows with metadata are to a raw put of the bytes alone. A peer is in them if it
  can store pairs of the caller's: unstorage does it by a second call, files-sdk in a file beside each object.
  flystorage and flydrive take such options on this driver and drop them.
- Streams come in chunks of 1 MiB, made once. unstorage says nothing of streams; a put of one works because
  its driver hands what it gets to \`writeFile\`. files-sdk collects a stream in memory before it writes.
- Trees are planted by ours, and all list the same one. flystorage, flydrive and unstorage have no pages and no
  order on files: they list all, sort and cut. files-sdk stats each item of a page, also where only names are
  wanted.
- The rows "as a share of listing all" are to our own listing of all, not to raw.
- None of the peers has an fsync: they are absent from those tables. flydrive has no store in memory.
- Peak RSS is \`maxRSS\` of a process that loads one library and moves one stream, all of Node included.
- Import is of what is built, by a fresh process, above the start of one that imports nothing.
- Promises were seen in this run (\`promises/\`), not read. Atomic: while bodies of two lengths are put in turn
  on one key, each read gives one of them, whole; "bytes only" where the metadata beside it was at times of the other.
  Contained: keys such as \`../x\`, \`..\\\\x\` and an absolute path put nothing beside the folder; "keys only" where
  a symbolic link in the folder is written through. Copies: bytes changed after a put or a get leave what is
  stored as it was.`;

export const s3Intro = `What we put on top of AWS's own SDK, and what others put there, on servers of this machine. Contenders of a row
take turns in one process, which is fresh for each row; figures are medians of the ratios to the SDK's of the
same round, and the spread is the lowest and the highest of them. Time is that of the whole, and most of it is
the server's; CPU is of all threads of our process, per operation. Ours is held against those that call many
services alike: the last column names those ahead of it, by time or by CPU.`;

export const s3Notes = `- The SDK is at its best: kept sockets, as many as are asked for; checksums only where a request needs one;
  middleware resolved once per command (\`cacheMiddleware\`); \`Upload\` of \`@aws-sdk/lib-storage\` for streams, and
  the body of one \`GetObject\`. flystorage and flydrive take such a client, and have it; files-sdk makes its own,
  and has no option for that. Links are for GET and live for an hour, signed without a request.
- Parts are of 8 MiB, four at once, where there are such settings. minio-js sends one part after another; flydrive
  has no parts, and sends one request, whose length it has to be told. "4 ranges at once" are parts read in
  parallel by hand: none of the others has that for a stream.
- Streams come in chunks of 1 MiB, made once, and are read to the end. Without TLS the SDK, ours and minio-js hash
  each body that they send, files-sdk counts a CRC32 too and minio-js an MD5; s3mini hashes none, nor does flydrive of a
  stream: what they send could be changed on the way.
- All contenders share one bucket and its keys, so that all read the same objects. radosgw keeps them in memory,
  MinIO in files.
- A head of s3mini's gives the etag alone. Lists of flydrive's have names alone.
- Peak RSS is of a process that loads one library and moves one stream, all of Node included.`;
