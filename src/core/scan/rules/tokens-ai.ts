/** Model providers: tokens with a beginning of their own. */
import { tokenPack } from '../pack.ts'
import type { Rule } from '../rule.ts'

export const rules: readonly Rule[] = tokenPack({ family: 'ai' }, [
  ['openai-key', 'OpenAI API key', 'sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{40,200}', 'sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}', 'sk-[A-Za-z0-9]{48}', 'sess-[A-Za-z0-9]{40}'],
  ['anthropic-key', 'Anthropic API key', 'sk-ant-(?:api|admin|sid|oat|ort)[0-9]{2}-[A-Za-z0-9_-]{80,120}', 'sk-ant-[A-Za-z0-9_-]{60,120}'],
  ['openrouter-key', 'OpenRouter API key', 'sk-or-v1-[0-9a-f]{64}'],
  ['deepseek-key', 'DeepSeek or compatible API key', 'sk-[0-9a-f]{32}'],
  ['huggingface-token', 'Hugging Face token', 'hf_[A-Za-z0-9]{34}', 'api_org_[A-Za-z0-9]{34}'],
  ['groq-key', 'Groq API key', 'gsk_[A-Za-z0-9]{52}'],
  ['xai-key', 'xAI API key', 'xai-[A-Za-z0-9_-]{70,90}'],
  ['perplexity-key', 'Perplexity API key', 'pplx-[A-Za-z0-9]{32,56}'],
  ['cerebras-key', 'Cerebras API key', 'csk-[a-z0-9]{48}'],
  ['fireworks-key', 'Fireworks AI key', 'fw_[A-Za-z0-9]{22,24}'],
  ['together-key', 'Together AI key', 'tgp_v1_[A-Za-z0-9_-]{43}'],
  ['nvidia-key', 'NVIDIA API key', 'nvapi-[A-Za-z0-9_-]{60,70}'],
  ['langsmith-key', 'LangSmith API key', 'lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}', 'ls__[0-9a-f]{32}'],
  ['langfuse-key', 'Langfuse key', 'sk-lf-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'],
  ['tavily-key', 'Tavily API key', 'tvly-(?:dev-|prod-)?[A-Za-z0-9]{30,34}'],
  ['jina-key', 'Jina API key', 'jina_[0-9a-f]{32}[A-Za-z0-9_-]{28}'],
  ['firecrawl-key', 'Firecrawl API key', 'fc-[0-9a-f]{32}'],
  ['elevenlabs-key', 'ElevenLabs API key', 'sk_[0-9a-f]{48}'],
  ['wandb-key', 'Weights & Biases key', 'wandb_v1_[A-Za-z0-9_-]{40,100}'],
  ['voyage-key', 'Voyage AI key', 'pa-[A-Za-z0-9_-]{43}'],
  ['modal-token', 'Modal token', 'ak-[A-Za-z0-9]{22}', 'as-[A-Za-z0-9]{22}'],
  ['apify-token', 'Apify API token', 'apify_api_[A-Za-z0-9]{34,38}'],
  ['zep-key', 'Zep API key', 'z_1dWlkIjoi[A-Za-z0-9_.-]{40,200}'],
  ['browserbase-key', 'Browserbase key', 'bb_live_[A-Za-z0-9_-]{27}'],
  ['composio-key', 'Composio key', 'ak_[A-Za-z0-9_-]{20,40}'],
  ['e2b-key', 'E2B API key', 'e2b_[0-9a-f]{40}'],
  ['friendli-token', 'Friendli token', 'flp_[A-Za-z0-9]{46}'],
  ['unify-key', 'Unify key', 'unify_[A-Za-z0-9]{30,50}'],
])
