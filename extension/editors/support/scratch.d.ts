// What the extension needs of its editor and of the runtime of Scratch. Types only.

/** A running script. */
export interface Thread {
  topBlock: string;
  target: Target;
  status: number;
  /** A person clicked on it. */
  stackClick?: boolean;
  /** It only shows the value of a block on the stage. */
  updateMonitor?: boolean;
  isKilled?: boolean;
}

/** A block of a project. */
export interface ProjectBlock {
  opcode: string;
  next: string | null;
  shadow: boolean;
  inputs: Record<string, { block: string | null; shadow: string | null }>;
  fields: Record<string, { value?: unknown; id?: string }>;
}

/** The blocks of a sprite; its clones share them. */
export interface ProjectBlocks {
  getBlock(id: string | null | undefined): ProjectBlock | undefined;
  getScripts(): string[];
  _blocks?: Record<string, ProjectBlock>;
}

/** A sprite, a clone or the stage. */
export interface Target {
  id: string;
  blocks: ProjectBlocks;
  lookupVariableById?(id: string): { value: unknown } | undefined;
  /** Its own, else that of the stage. */
  lookupVariableByNameAndType?(name: string, type: 'list'): List | null | undefined;
}

/** A list of a project. */
export interface List {
  value: unknown;
  /** Whether the stage shows what is in it. */
  _monitorUpToDate?: boolean;
}

/** The part of a Scratch runtime that the extension uses; what has a question mark may be absent. */
export interface Runtime {
  threads: Thread[];
  targets: Target[];
  on?(event: string, listener: () => void): void;
  startHats?(opcode: string, fields?: object | null, target?: Target): Thread[] | undefined;
  allScriptsByOpcodeDo?(
    opcode: string,
    visit: (script: { blockId: string }, target: Target) => void,
  ): void;
  /** Whether hats of this kind are asked in every frame, without anybody doing something. */
  getIsEdgeActivatedHat?(opcode: string): boolean;
  /** The script that runs now. */
  sequencer?: { activeThread?: Thread | null };
  _pushThread?(blockId: string, target: Target): Thread;
  _step?(): void;
  /** Draws the stage. */
  renderer?: { canvas?: HTMLCanvasElement };
  /** Of Xcratch. */
  formatMessage?: { setup?(): { locale?: unknown } };
  /** Where buttons in the palette call the extension: TurboWarp and its kin. */
  handleExtensionButtonPress?(button: string): void;
}

/** What a block's method is given besides its arguments; a sandbox gives nothing. */
export interface BlockUtility {
  thread?: Thread;
}

/** The part of the editor that loads extensions; TurboWarp's tells what is built in. */
export interface ExtensionManager {
  isBuiltinExtension?(id: string): boolean;
  isExtensionLoaded?(id: string): boolean;
  loadExtensionIdSync?(id: string): void;
  /** Asks every extension for its blocks again. */
  refreshBlocks?(): unknown;
}

/** The global `Scratch` of an extension script. */
export interface ScratchApi {
  /** Absent where the script is loaded in another way. */
  extensions?: { register(extension: object): void; unsandboxed?: boolean };
  vm?: { runtime?: Runtime; extensionManager?: ExtensionManager; getLocale?(): string };
  translate?: { language?: string };
  Cast?: {
    toString(value: unknown): string;
    toNumber?(value: unknown): number;
    toBoolean(value: unknown): boolean;
  };
  canFetch?(url: string): Promise<boolean> | boolean;
  /** Files that TurboWarp's gallery knows by their address, and puts into the script. */
  external?: { fetch(url: string): Promise<Response> };
}

declare global {
  /** Given to the script by its editor. */
  const Scratch: ScratchApi;
}
