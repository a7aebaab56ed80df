import { InvalidOptionsError } from "@agenthandoff/core";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { initChatModel } from "langchain";
import { RULE_MODEL_NAME, RuleModel } from "../model/rule-model.js";

export interface ChosenModel {
  readonly name: string;
  readonly model: BaseChatModel;
}

/**
 * The model that drives the agents: the offline one, or any of LangChain's.
 *
 * @param wanted `provider:name`, or undefined for the offline model
 * @throws InvalidOptionsError that says what to install or to set
 */
export async function chooseModel(wanted: string | undefined): Promise<ChosenModel> {
  if (wanted === undefined) return { name: RULE_MODEL_NAME, model: new RuleModel() };
  if (!/^[a-z0-9_-]+:.+$/.test(wanted)) {
    throw new InvalidOptionsError(
      `--model takes provider:name, such as openai:gpt-5 or anthropic:claude-sonnet-4-5, not ${wanted}`,
    );
  }
  try {
    return { name: wanted, model: await initChatModel(wanted) };
  } catch (cause) {
    const { message } = cause as Error;
    const missing = /Unable to import ([@\w/.-]*\w)/.exec(message)?.[1];
    if (missing !== undefined) {
      const install = `npx pnpm@10 add --filter @agenthandoff/typed-package ${missing}`;
      throw new InvalidOptionsError(
        `the model ${wanted} needs the package ${missing}, which is not installed; install it: ${install}`,
        { cause },
      );
    }
    throw new InvalidOptionsError(`the model ${wanted} cannot be used: ${message.split("\n")[0]}`, { cause });
  }
}
