# The chat with its HTTP API and MCP tools on port 7860; docs/deploy.md says how to run it.
FROM python:3.11-slim-bookworm AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
RUN python -m venv /opt/hwqa
ENV PATH=/opt/hwqa/bin:$PATH
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY src ./src
# torch for processors alone: the other builds are several gigabytes larger and are not used
RUN pip install --constraint constraints.txt torch --index-url https://download.pytorch.org/whl/cpu \
 && pip install --constraint constraints.txt '.[openai,anthropic,ollama,mcp]'
# the encoder is exported once here, so that the first start is not the slow one
COPY corpus /corpus
RUN HWQA_CACHE=/opt/hwqa/cache hwqa index --corpus /corpus --index /tmp/index && rm -rf /tmp/index

FROM python:3.11-slim-bookworm

COPY --from=build /opt/hwqa /opt/hwqa
COPY corpus /srv/hwqa/corpus
RUN useradd --system --uid 10001 --home-dir /srv/hwqa hwqa \
 && mkdir -p /srv/hwqa/index /srv/hwqa/data \
 && chown -R hwqa:hwqa /srv/hwqa/index /srv/hwqa/data /opt/hwqa/cache
ENV PATH=/opt/hwqa/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HWQA_CORPUS=/srv/hwqa/corpus \
    HWQA_INDEX=/srv/hwqa/index \
    HWQA_DATA=/srv/hwqa/data \
    HWQA_CACHE=/opt/hwqa/cache \
    HWQA_HOST=0.0.0.0
USER 10001
WORKDIR /srv/hwqa
EXPOSE 7860
VOLUME ["/srv/hwqa/index", "/srv/hwqa/data"]
HEALTHCHECK --start-period=60s --interval=30s --timeout=5s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/health', timeout=4)"]
ENTRYPOINT ["hwqa", "serve"]
