"""A page of another origin calls the mock, as the page of a client's author does."""

from playwright.sync_api import Browser

from conformance.mock.running import running

_CALLS = """
async ([url, key]) => {
  const ask = (headers, fields) => fetch(`${url}/images/generations`, {
    method: "POST",
    headers: {"Authorization": `Bearer ${key}`, "Content-Type": "application/json", ...headers},
    body: JSON.stringify({prompt: "an otter", size: "256x256", ...fields}),
  });
  const found = [];
  for (const headers of [{}, {"x-mock-fault": "429=7"}, {"Authorization": "Bearer wrong"}]) {
    const answer = await ask(headers, {});
    const shown = ["x-request-id", "openai-processing-ms", "retry-after"].map(name => answer.headers.get(name));
    found.push([answer.status, ...shown, await answer.json()]);
  }
  const image = await fetch(found[0][4].data[0].url);
  found.push([image.status, (await image.blob()).type]);
  found.push((await (await fetch(`${url}/models`, {headers: {"Authorization": `Bearer ${key}`}})).json()).data.length);
  found.push(await fetch(`${url}/images/none`, {method: "DELETE"}).then(answer => answer.status));
  return found;
}
"""


def test_a_page_of_another_origin_may_call_the_mock(browser: Browser) -> None:
    with running() as mock, running() as elsewhere, browser.new_context() as context:
        page = context.new_page()
        page.goto(elsewhere.url.removesuffix("v1") + "healthz")
        accepted, limited, refused, image, models, missing = page.evaluate(_CALLS, [mock.url, mock.key])
        asked = [request.request_id for request in mock.requests]
    assert accepted[0] == 200
    assert accepted[1] == asked[0]
    assert accepted[2].isdigit()
    assert (limited[0], limited[3], limited[4]["error"]["code"]) == (429, "7", "rate_limit_exceeded")
    assert (refused[0], refused[4]["error"]["code"]) == (401, "invalid_api_key")
    assert image == [200, "image/png"]
    assert (models, missing) == (2, 404)
