// What this package needs of Next, which weighs 300 MB. tests/beacon/apps/next runs it with the real one.
declare module 'next/navigation.js' {
  export function usePathname(): string | null;
  export function useParams(): Record<string, string | string[] | undefined> | null;
  export function useSelectedLayoutSegments(): string[] | null;
}

declare module 'next/compat/router.js' {
  /** Null under the App Router. */
  export function useRouter(): {readonly pathname: string; readonly isReady: boolean} | null;
}
