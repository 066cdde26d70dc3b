# Wideload as a container image, in three variants:
#
#     docker build -t wideload .                               lean: the store is a ClickHouse server
#     docker build -t wideload:embedded --target embedded .    with the embedded store, for one machine
#     docker build -t wideload:checks --target checks .        with Chromium, for checks
#
# Everything comes from a lock with hashes or from an image with a digest; what Debian ships is the newest of its stable release,
# for its security fixes.

ARG DEBIAN=debian:trixie-20260918-slim@sha256:a99cfc517144bc59b1978475ec53b46ecabec7e43635402ee5b77cc54cd1b20a
ARG NODE=node:22.23.2-trixie-slim@sha256:c5849ff9c9ebcd66615412f0b548ca5b8ecaef84003dc9ac2e077ebe46aaa3f6

# --- The scripts that browsers load --------------------------------------------------------------------------------

FROM ${NODE} AS scripts
WORKDIR /src
COPY beacon_js/package.json beacon_js/package-lock.json beacon_js/
COPY dashboards/viewer/package.json dashboards/viewer/package-lock.json dashboards/viewer/
RUN npm --prefix beacon_js ci --no-audit --no-fund && npm --prefix dashboards/viewer ci --no-audit --no-fund
COPY beacon_js beacon_js
COPY dashboards dashboards
RUN npm --prefix beacon_js run build && npm --prefix dashboards/viewer run build

# --- The Python packages -------------------------------------------------------------------------------------------

FROM ${DEBIAN} AS python
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log

FROM python AS build
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends binutils python3-venv && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY requirements/image requirements/image
# pip stays here: the image has no use for it, nor for the symbols for debuggers, which are a third of the packages.
RUN python3 -m venv /tools \
    && /tools/bin/pip install --no-cache-dir --require-hashes --requirement requirements/image/build.txt \
    && python3 -m venv --without-pip /opt/wideload \
    && /tools/bin/pip --python /opt/wideload/bin/python install --no-cache-dir --require-hashes \
       --requirement requirements/image/lean.txt \
    && find /opt/wideload -name '*.so' -exec strip --strip-debug {} +
COPY pyproject.toml README.md LICENSE ./
COPY collector collector
COPY --from=scripts /src/collector/static collector/static
RUN /tools/bin/hatchling build --target wheel \
    && /tools/bin/pip --python /opt/wideload/bin/python install --no-cache-dir --no-deps dist/*.whl \
    && /tools/bin/cyclonedx-py environment --output-reproducible --output-file /opt/wideload/sbom.json /opt/wideload/bin/python

FROM build AS build-embedded
RUN /tools/bin/pip --python /opt/wideload/bin/python install --no-cache-dir --require-hashes \
      --requirement requirements/image/embedded.txt \
    && /tools/bin/cyclonedx-py environment --output-reproducible --output-file /opt/wideload/sbom.json /opt/wideload/bin/python

FROM build AS build-checks
RUN /tools/bin/pip --python /opt/wideload/bin/python install --no-cache-dir --require-hashes \
      --requirement requirements/image/checks.txt \
    && /tools/bin/cyclonedx-py environment --output-reproducible --output-file /opt/wideload/sbom.json /opt/wideload/bin/python

# --- What runs -----------------------------------------------------------------------------------------------------

FROM python AS runtime
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Wideload" \
      org.opencontainers.image.description="Browser performance telemetry as wide events" \
      org.opencontainers.image.source="https://github.com/wideload/wideload" \
      org.opencontainers.image.documentation="https://github.com/wideload/wideload/tree/main/docs" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN groupadd --gid 10001 wideload \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/wideload --shell /usr/sbin/nologin wideload \
    && install --directory --owner 10001 --group 10001 --mode 0700 /var/lib/wideload
ENV PATH=/opt/wideload/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    WIDELOAD_CONFIG=/etc/wideload/wideload.toml \
    WIDELOAD_DATA_DIR=/var/lib/wideload \
    WIDELOAD_LISTEN=0.0.0.0:8080
# The spool, users and dashboards, and the embedded store. Nothing else is written but /tmp, so the rest may be read-only.
VOLUME /var/lib/wideload
WORKDIR /var/lib/wideload
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["wideload", "ready"]
ENTRYPOINT ["wideload"]
CMD ["serve"]

FROM runtime AS embedded
COPY --from=build-embedded /opt/wideload /opt/wideload

FROM runtime AS checks
USER 0:0
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends chromium fonts-liberation \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log
# Most container runtimes forbid the user namespaces that Chromium's own sandbox is made of. The container is one then.
RUN echo "unshare --user true 2>/dev/null || export CHROMIUM_FLAGS=\"\$CHROMIUM_FLAGS --no-sandbox\"" > /etc/chromium.d/sandbox
USER 10001:10001
COPY --from=build-checks /opt/wideload /opt/wideload
# It listens to nobody, and has no use for the collector's file.
ENV WIDELOAD_CONFIG= \
    WIDELOAD_LISTEN=127.0.0.1:8080
HEALTHCHECK NONE
CMD ["check", "--help"]

# The last one is what `docker build` makes by default.
FROM runtime AS lean
COPY --from=build /opt/wideload /opt/wideload
