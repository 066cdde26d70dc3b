/** A request that failed; the message is the server's sentence where it sent one. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly reason: string,
    readonly path: string = '',
  ) {
    super(message);
  }
}
