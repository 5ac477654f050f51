"""What people do with the official client, against agents."""

import sys

import openai
from openai import OpenAI
from pydantic import BaseModel

address, token = sys.argv[1:]
client = OpenAI(base_url=address, api_key=token, max_retries=0, timeout=30)


def said(text):
    return [{"role": "user", "content": text}]


def fails(kind, status, code, ask):
    try:
        ask()
    except kind as error:
        assert (error.status_code, error.code) == (status, code), (error.status_code, error.code, error)
        return error
    raise AssertionError(f"nothing failed with {status}")


# Models.
names = [model.id for model in client.models.list()]
assert names[:2] == ["shop/desk", "shop/clerk"], names
assert client.models.retrieve("shop/desk").owned_by == "shop"
assert client.models.retrieve("clerk").id == "shop/clerk"

# Plain.
whole = client.chat.completions.create(model="shop/desk", messages=said("say hello"))
assert whole.choices[0].message.content == "say hello", whole
assert whole.choices[0].finish_reason == "stop"
assert (whole.usage.prompt_tokens, whole.usage.completion_tokens, whole.usage.total_tokens) == (22, 14, 36)

# Streamed.
stream = client.chat.completions.create(
    model="shop/desk", messages=said("spell hello"), stream=True, stream_options={"include_usage": True}
)
chunks = list(stream)
pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
assert pieces == list("hello"), pieces
assert chunks[-1].usage.total_tokens == 36
with client.chat.completions.stream(model="shop/desk", messages=said("spell hello")) as stream:
    stream.until_done()
    assert stream.get_final_completion().choices[0].message.content == "hello"

# A tool of ours, there and back.
weather = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
messages = said("call Rome")
asked = client.chat.completions.create(model="shop/desk", messages=messages, tools=[weather])
choice = asked.choices[0]
assert choice.finish_reason == "tool_calls", choice
call = choice.message.tool_calls[0]
assert (call.function.name, call.function.arguments) == ("weather", '{"city":"Rome"}')
messages += [choice.message, {"role": "tool", "tool_call_id": call.id, "content": "sunny"}]
messages += said("say it is sunny")
told = client.chat.completions.create(model="shop/desk", messages=messages, tools=[weather])
assert told.choices[0].message.content == "say it is sunny"
with client.chat.completions.stream(model="shop/desk", messages=said("call Rome"), tools=[weather]) as stream:
    stream.until_done()
    call = stream.get_final_completion().choices[0].message.tool_calls[0]
    assert call.function.arguments == '{"city":"Rome"}', call


# Structured.
class Fruit(BaseModel):
    name: str
    count: int


fruit = client.chat.completions.parse(
    model="shop/desk", messages=said('{"name":"figs","count":3}'), response_format=Fruit
)
assert fruit.choices[0].message.parsed == Fruit(name="figs", count=3)
fruit = client.responses.parse(model="shop/desk", input='{"name":"figs","count":3}', text_format=Fruit)
assert fruit.output_parsed == Fruit(name="figs", count=3)

# Responses.
response = client.responses.create(model="shop/desk", input="say hello", instructions="Be brief.")
assert (response.status, response.output_text) == ("completed", "say hello"), response
assert response.usage.total_tokens == 36
with client.responses.stream(model="shop/desk", input="spell hello") as stream:
    deltas = [event.delta for event in stream if event.type == "response.output_text.delta"]
    final = stream.get_final_response()
assert deltas == list("hello"), deltas
assert final.output_text == "hello"
tool = {"type": "function", "strict": False, **weather["function"]}
response = client.responses.create(model="shop/desk", input="call Rome", tools=[tool])
call = response.output[-1]
assert (call.type, call.name, call.arguments) == ("function_call", "weather", '{"city":"Rome"}')
items = said("call Rome") + response.output
items += [{"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}]
items += said("say it is sunny")
assert client.responses.create(model="shop/desk", input=items, tools=[tool]).output_text == "say it is sunny"
with client.responses.stream(model="shop/desk", input="call Rome", tools=[tool]) as stream:
    stream.until_done()
    assert stream.get_final_response().output[-1].arguments == '{"city":"Rome"}'

# Gone on behind a response, which is kept.
first = client.responses.create(model="shop/desk", input="say one", instructions="Count.")
assert first.store is True
second = client.responses.create(model="shop/desk", input="say two", previous_response_id=first.id)
assert second.previous_response_id == first.id
with client.responses.stream(model="shop/desk", input="spell three", previous_response_id=second.id) as stream:
    stream.until_done()
    third = stream.get_final_response()
assert client.responses.retrieve(third.id).output_text == "three"
called = client.responses.create(model="shop/desk", input="call Rome", tools=[tool], previous_response_id=third.id)
result = [{"type": "function_call_output", "call_id": called.output[-1].call_id, "output": "sunny"}]
told = client.responses.create(
    model="works/desk", input=result + said("say it is"), tools=[tool], previous_response_id=called.id
)
assert told.output_text == "main.desk says say it is", told
client.responses.delete(third.id)
fails(openai.NotFoundError, 404, "E1142", lambda: client.responses.retrieve(third.id))
behind = lambda: client.responses.create(model="shop/desk", input="say x", previous_response_id=told.id)
fails(openai.BadRequestError, 400, "previous_response_not_found", behind)
unkept = client.responses.create(model="shop/desk", input="say x", store=False)
fails(openai.NotFoundError, 404, "E1142", lambda: client.responses.retrieve(unkept.id))

# Sent again.
again = {"extra_headers": {"Idempotency-Key": "order-1"}}
once = client.responses.create(model="shop/desk", input="say once", **again)
assert client.responses.create(model="shop/desk", input="say once", **again) == once
other = lambda: client.responses.create(model="shop/desk", input="say twice", **again)
fails(openai.UnprocessableEntityError, 422, "E1143", other)

# Numbers.
numbers = client.embeddings.create(model="test/numbers", input=["a", "bcd"])
assert [item.embedding for item in numbers.data] == [[1.0, 1.25], [3.0, 3.25]], numbers

# What goes wrong.
stranger = OpenAI(base_url=address, api_key="sk-wrong", max_retries=0)
fails(openai.AuthenticationError, 401, "invalid_api_key", lambda: stranger.models.list())


def ask(text="say x", **more):
    return lambda: client.chat.completions.create(**{"model": "shop/desk", "messages": said(text), **more})


error = fails(openai.NotFoundError, 404, "model_not_found", ask(model="gpt-4o"))
assert "there is no model `gpt-4o`" in error.message and error.param == "model", error
fails(openai.NotFoundError, 404, "model_not_found", lambda: client.models.retrieve("gpt-4o"))
error = fails(openai.BadRequestError, 400, "E1091", ask(messages=[]))
assert error.param == "messages" and error.type == "invalid_request_error", error
fails(openai.BadRequestError, 400, "unsupported_parameter", ask(n=2))
gone_on = lambda: client.responses.create(model="shop/desk", input="x", previous_response_id="resp_1")
error = fails(openai.BadRequestError, 400, "previous_response_not_found", gone_on)
assert error.param == "previous_response_id", error
error = fails(openai.RateLimitError, 429, "rate_limit_exceeded", ask("fail limited"))
assert error.response.headers["retry-after"] == "3"
error = fails(openai.RateLimitError, 429, "insufficient_quota", ask("fail budget"))
assert error.response.headers["x-should-retry"] == "false"
fails(openai.InternalServerError, 503, "E1094", ask("fail transient"))
fails(openai.InternalServerError, 502, "E1093", ask("fail refused", stream=True))

# Left in the middle.
hurried = OpenAI(base_url=address, api_key=token, max_retries=0, timeout=0.5)
try:
    hurried.chat.completions.create(model="shop/desk", messages=said("wait here"))
    raise AssertionError("nobody answers that")
except openai.APITimeoutError:
    pass

print("all of it")
