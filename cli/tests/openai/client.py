"""What people do with the official client, against the agents of a package."""

import sys

import openai
from openai import OpenAI
from pydantic import BaseModel

address, key = sys.argv[1:]
client = OpenAI(base_url=f"{address}/v1", api_key=key, max_retries=0, timeout=60)


def said(text):
    return [{"role": "user", "content": text}]


def ask(text, model="shop/desk", **more):
    return client.chat.completions.create(model=model, messages=said(text), **more)


assert [model.id for model in client.models.list()] == ["shop/desk", "shop/clerk"]
assert client.models.retrieve("desk").id == "shop/desk"

# Plain, and what it used up.
whole = ask("When do you open?")
assert whole.choices[0].message.content == "At nine.", whole
assert (whole.usage.prompt_tokens, whole.usage.completion_tokens) == (20, 4), whole.usage

# As it comes, word by word.
chunks = list(ask("one two", stream=True, stream_options={"include_usage": True}))
pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
assert pieces == ["You ", "said: ", "one ", "two"], pieces
assert chunks[-1].usage.total_tokens == 12
with client.responses.stream(model="shop/desk", input="one two") as stream:
    deltas = [event.delta for event in stream if event.type == "response.output_text.delta"]
    assert stream.get_final_response().output_text == "You said: one two"
assert deltas == pieces, deltas

# The agent's own tool is called in the runtime, and only what the agent says is seen.
whole = ask("refund please")
assert whole.choices[0].message.content == "The money is on its way.", whole
assert whole.choices[0].message.tool_calls is None
pieces = [chunk.choices[0].delta.content or "" for chunk in ask("refund please", stream=True)]
assert "".join(pieces) == "I look.\n\nThe money is on its way.", pieces

# A tool of ours comes back, and its result goes there.
weather = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
messages = said("the weather in Rome")
asked = client.chat.completions.create(model="shop/desk", messages=messages, tools=[weather])
call = asked.choices[0].message.tool_calls[0]
assert (asked.choices[0].finish_reason, call.function.name) == ("tool_calls", "weather"), asked
assert call.function.arguments == '{"city":"Rome"}'
messages += [asked.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "sunny"}]
told = client.chat.completions.create(model="shop/desk", messages=messages, tools=[weather])
assert told.choices[0].message.content == "Rome is sunny.", told


# Structured.
class Fruit(BaseModel):
    name: str
    count: int


fruit = client.chat.completions.parse(model="shop/desk", messages=said("fruit"), response_format=Fruit)
assert fruit.choices[0].message.parsed == Fruit(name="figs", count=3)

# What goes wrong.
try:
    ask("refuse this")
    raise AssertionError("nobody refused")
except openai.InternalServerError as error:
    assert (error.status_code, error.code) == (502, "E1093") and "it will not" in error.message, error
    # The agent has a tool, which may have been called.
    assert error.response.headers["x-should-retry"] == "false"
assert ask("When do you open?", model="shop/clerk").choices[0].message.content == "At nine."
try:
    ask("And on Sundays?", model="shop/clerk")
    raise AssertionError("there is budget without end")
except openai.RateLimitError as error:
    assert error.code == "insufficient_quota" and "10 tokens" in error.message, error
try:
    client.embeddings.create(model="nobody/numbers", input="a")
    raise AssertionError("nobody makes numbers")
except openai.NotFoundError as error:
    assert error.code == "model_not_found" and "nobody" in error.message, error

# Left in the middle.
hurried = OpenAI(base_url=f"{address}/v1", api_key=key, max_retries=0, timeout=1)
try:
    hurried.chat.completions.create(model="shop/desk", messages=said("wait"))
    raise AssertionError("nobody answers that")
except openai.APITimeoutError:
    pass

print("all of it")
