// Apollo's format: `User:{question}\nAssistant:{answer}` and the end-of-text token, turn after turn.

/** The text before an answer, as the model sees it in training and when it is asked. */
export function formatQuestion(question: string): string {
  return `User:${question}\nAssistant:`;
}

/** The same format as a chat template (Jinja), to travel with the tokenizer. `endToken` is the text of the end-of-text token. */
export function chatTemplate(endToken: string): string {
  return [
    "{%- for message in messages -%}",
    "{%- if message['role'] == 'user' -%}{{ 'User:' + message['content'] + '\\nAssistant:' }}",
    `{%- elif message['role'] == 'assistant' -%}{{ message['content'] + '${endToken}' }}`,
    "{%- else -%}{{ message['content'] + '\\n' }}",
    "{%- endif -%}",
    "{%- endfor -%}",
  ].join("");
}
