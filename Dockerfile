# docker build -t batcher .                                     what one machine needs
# docker build -t batcher --build-arg EXTRAS=fleet,otel .       with extras of pyproject.toml
# docker run --rm -v "$PWD:/data" --user "$(id -u):$(id -g)" -e BATCHER_USERNAME -e BATCHER_PASSWORD batcher run campaign.csv --staging

ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
ARG EXTRAS=
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /source
COPY config/constraints.txt ./
RUN python -m venv --without-pip /opt/batcher \
 && awk -v who="run${EXTRAS:+,$EXTRAS}" 'BEGIN { gsub(",", "|", who) } /^# needed by:/ { on = $0 ~ " (" who ")( |$)" } on' constraints.txt > run.txt \
 && awk '/^# needed by:/ { on = / build( |$)/ } on' constraints.txt > build.txt \
 && python -m pip --python /opt/batcher install -q --require-hashes --only-binary :all: -r run.txt \
 && python -m pip install -q --require-hashes --only-binary :all: -r build.txt
COPY pyproject.toml README.md LICENSE ./
COPY batcher batcher
# The last install may not look anywhere: it fails when a pin is missing.
RUN python -m pip wheel -q --no-deps --no-build-isolation --wheel-dir dist . \
 && python -m pip --python /opt/batcher install -q --no-index --find-links dist "batcher[${EXTRAS}]"

FROM python:${PYTHON}-slim
LABEL org.opencontainers.image.title="batcher" \
      org.opencontainers.image.description="Creates print-mail jobs at Click2Mail from a manifest: no job twice, no row lost" \
      org.opencontainers.image.licenses="MIT"
RUN groupadd --gid 10001 batcher \
 && useradd --uid 10001 --gid batcher --no-create-home --home-dir /data --shell /usr/sbin/nologin batcher \
 && mkdir /data \
 && chown batcher:batcher /data
COPY --from=build /opt/batcher /opt/batcher
ENV PATH=/opt/batcher/bin:$PATH PYTHONUNBUFFERED=1
# The ledger belongs on a volume, and batcher warns when it lies on none. No VOLUME line here: the nameless volume
# it makes would silence that warning and be gone with the container.
WORKDIR /data
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["batcher"]
CMD ["--help"]
