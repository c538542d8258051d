/** This machine, or this user of it, cannot make the surroundings that a test asks for. */
export class ObstacleError extends Error {
  /** For the skip of a test: what is missing, and what to do about it. */
  readonly obstacle: string;

  constructor(obstacle: string) {
    super(`This machine cannot do it: ${obstacle}`);
    this.name = "ObstacleError";
    this.obstacle = obstacle;
  }
}
