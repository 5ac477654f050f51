"""Texts as numbers of a real model: what means the same is near."""

import sys

from openai import OpenAI

address, key = sys.argv[1:]
client = OpenAI(base_url=f"{address}/v1", api_key=key, max_retries=0, timeout=60)

texts = ["When do you open?", "At what time does the shop open?", "My figs were mouldy."]
answer = client.embeddings.create(model="numbers/multilingual-e5-small-q4", input=texts)
one, same, other = [item.embedding for item in answer.data]
assert len(one) == 384, len(one)


def near(a, b):
    return sum(x * y for x, y in zip(a, b))


assert near(one, same) > near(one, other) + 0.02, (near(one, same), near(one, other))
assert answer.usage.total_tokens > 0
plain = client.embeddings.create(model="numbers/multilingual-e5-small-q4", input=texts[0], encoding_format="float")
assert near(plain.data[0].embedding, one) > 0.99

print("all of it")
