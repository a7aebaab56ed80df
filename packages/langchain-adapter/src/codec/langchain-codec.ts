import { type Codec, createCodec } from "@agenthandoff/core";
import { langchainClasses } from "./classes.js";

/**
 * Writes any value that LangChain agents pass around as plain JSON, without loss, and reads it back.
 * `encode` throws NotSerializableError, with the path, for what cannot be kept; `decode` never runs what data names.
 */
export const langchainCodec: Codec = createCodec({ classes: langchainClasses });
