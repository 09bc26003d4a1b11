# Sohoa in a container: built with what scripts/setup installs, run with what the
# program loads and nothing else, as nobody in particular, on a root that may be
# read-only. /data is the one place it writes to, with /shared where a house is many
# processes (SOHOA_SHARED); /tmp should be a tmpfs. make image-check builds it and runs it.
#
#   docker build -t sohoa .
#   docker run --read-only --tmpfs /tmp -v sohoa:/data -p 8080:8080 sohoa
ARG DEBIAN=debian:12-slim

FROM ${DEBIAN} AS build
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends make git ca-certificates
WORKDIR /src
COPY scripts/setup scripts/setup
RUN scripts/setup
COPY . .
RUN make release

FROM ${DEBIAN}
# The libraries that bin/sohoa links and loads, the programs that it starts
# (pdftoppm, pdftotext, qpdf), the reader's data, the faces of marks and reports.
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends \
      libtesseract5 liblept5 tesseract-ocr-vie \
      libjpeg62-turbo libzxing2 libstdc++6 \
      poppler-utils qpdf \
      fonts-croscore \
      ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* \
    && groupadd --gid 10001 sohoa \
    && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin sohoa \
    && install -d -o 10001 -g 10001 -m 700 /data /shared
COPY --from=build /src/bin/sohoa /usr/local/bin/sohoa
USER 10001:10001
ENV SOHOA_DATA=/data SOHOA_ADDR=0.0.0.0:8080
VOLUME /data
EXPOSE 8080 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s --retries=3 CMD ["sohoa", "doctor", "--health"]
ENTRYPOINT ["sohoa"]
CMD ["serve"]
