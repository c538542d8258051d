/** How much of everything: a whole run, or one of a minute or two that only shows that all of it runs. */
export interface Counts {
  readonly rounds: number;
  /** Of a small put or get: many and short, so that what else the machine does meets all contenders alike. */
  readonly smallRounds: number;
  /** Of a small put or get, in a round. */
  readonly times: number;
  readonly durableTimes: number;
  readonly memoryTimes: number;
  readonly streamMebibytes: number;
  /** A tree of so many folders with so many files each. */
  readonly tree: readonly [folders: number, files: number];
  readonly pagedTree: readonly [folders: number, files: number];
  readonly flat: number;
  readonly page: number;
  /** Of a small operation of S3, and how often it is done in a round: twice as often with 16 in flight. */
  readonly s3Rounds: number;
  readonly s3Times: number;
  readonly urlTimes: number;
  readonly s3Entries: number;
  readonly largeMebibytes: number;
  readonly largeTimes: number;
  /** Takes a disk with room: absent where there is none, and in a quick run. */
  readonly hugeMebibytes?: number | undefined;
  readonly hugeRounds: number;
  readonly starts: number;
  readonly peaks: number;
  readonly torn: number;
}

export const wholeCounts: Counts = {
  rounds: 5,
  smallRounds: 25,
  times: 200,
  durableTimes: 30,
  memoryTimes: 4000,
  streamMebibytes: 256,
  tree: [200, 100],
  pagedTree: [100, 1000],
  flat: 100_000,
  page: 1000,
  s3Rounds: 15,
  s3Times: 100,
  urlTimes: 1000,
  s3Entries: 20_000,
  largeMebibytes: 64,
  largeTimes: 4,
  hugeMebibytes: 1024,
  hugeRounds: 3,
  starts: 5,
  peaks: 3,
  torn: 300,
};

export const quickCounts: Counts = {
  rounds: 3,
  smallRounds: 11,
  times: 100,
  durableTimes: 10,
  memoryTimes: 1000,
  streamMebibytes: 64,
  tree: [50, 100],
  pagedTree: [20, 500],
  flat: 10_000,
  page: 100,
  s3Rounds: 5,
  s3Times: 50,
  urlTimes: 200,
  s3Entries: 2000,
  largeMebibytes: 64,
  largeTimes: 2,
  hugeRounds: 0,
  starts: 2,
  peaks: 1,
  torn: 100,
};
