{{/* Names */}}

{{- define "wideload.name" -}}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains "wideload" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}{{ printf "%s-wideload" .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "wideload.secret" -}}
{{ .Values.secrets.existing | default (include "wideload.name" .) }}
{{- end }}

{{/* The name of the first dataset. */}}
{{- define "wideload.firstDataset" -}}
{{- if not .Values.datasets }}
{{- fail "There is no dataset: set datasets.NAME.site_keys and datasets.NAME.allowed_origins, such as --set 'datasets.shop.site_keys={Zk3vT0aXr8mQ1sLd}' --set 'datasets.shop.allowed_origins={https://shop.example}'." }}
{{- end }}
{{- keys .Values.datasets | sortAlpha | first }}
{{- end }}

{{/* Whether an agent runs the checks, with the collector's schedules; empty if not. */}}
{{- define "wideload.agent" -}}
{{- if and .Values.checks.enabled (eq .Values.checks.by "agent") }}yes{{ end }}
{{- end }}

{{- define "wideload.checkFiles" -}}
{{ .Values.checks.existing | default (printf "%s-checks" (include "wideload.name" .)) }}
{{- end }}

{{- define "wideload.checksDataset" -}}
{{ .Values.checks.dataset | default (include "wideload.firstDataset" .) }}
{{- end }}

{{/* What runs checks: the container, without its arguments. Takes the root. */}}
{{- define "wideload.checksContainer" -}}
name: checks
image: {{ .Values.checks.image | default (include "wideload.image" (dict "root" . "variant" "-checks")) }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- with .Values.checks.secrets }}
envFrom:
  - prefix: WIDELOAD_CHECK_SECRET_
    secretRef:
      name: {{ . }}
{{- end }}
resources:
  {{- toYaml .Values.checks.resources | nindent 2 }}
securityContext:
  {{- include "wideload.containerSecurity" . | nindent 2 }}
{{- end }}

{{- define "wideload.checksVariables" -}}
# Chromium keeps its profile here.
- name: HOME
  value: /tmp
- name: WIDELOAD_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ .Values.checks.token.secret | default (include "wideload.secret" .) }}
      key: {{ if .Values.checks.token.secret }}{{ .Values.checks.token.key }}{{ else }}admin-token{{ end }}
{{- end }}

{{/* Disk and shared memory for a browser. */}}
{{- define "wideload.checksMounts" -}}
- name: tmp
  mountPath: /tmp
- name: shm
  mountPath: /dev/shm
{{- end }}
{{- define "wideload.checksVolumes" -}}
- name: tmp
  emptyDir: {}
- name: shm
  emptyDir: {medium: Memory, sizeLimit: 512Mi}
{{- end }}

{{/* What identifies a part's pods. Takes (dict "root" $ "part" "ingest"). */}}
{{- define "wideload.selector" -}}
app.kubernetes.io/name: wideload
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "wideload.labels" -}}
{{ include "wideload.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* The image of a variant: "", "-embedded" or "-checks". Takes (dict "root" $ "variant" ""). */}}
{{- define "wideload.image" -}}
{{- with .root.Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}
{{- else }}{{ .repository }}:{{ .tag | default $.root.Chart.AppVersion }}{{ $.variant }}
{{- end }}
{{- end }}
{{- end }}

{{/* The part that the public and the private surface are served by. */}}
{{- define "wideload.publicPart" -}}{{ eq .Values.mode "single" | ternary "single" "ingest" }}{{- end }}
{{- define "wideload.privatePart" -}}{{ eq .Values.mode "single" | ternary "single" "query" }}{{- end }}

{{- define "wideload.privateUrl" -}}
http://{{ include "wideload.name" . }}-private:8081
{{- end }}

{{/* The configuration file. Helm's own toToml writes whole numbers as 30.0, which are not taken for numbers of days. */}}

{{- define "wideload.toml" -}}
{{- if kindIs "string" . }}{{ toJson . }}
{{- else if kindIs "slice" . }}[{{ range $index, $one := . }}{{ if $index }}, {{ end }}{{ include "wideload.toml" $one }}{{ end }}]
{{- else if kindIs "float64" . }}{{ if eq (float64 (int64 .)) . }}{{ int64 . }}{{ else }}{{ . }}{{ end }}
{{- else }}{{ . }}
{{- end }}
{{- end }}

{{/* What is known of the addresses, and the settings over it. Without an Ingress people come by port-forward. */}}
{{- define "wideload.settings" -}}
{{- $known := dict "private_url" "http://127.0.0.1:8081" }}
{{- with .Values.ingress }}{{ if .enabled }}
{{- $_ := set $known "public_url" (printf "http%s://%s" (.tlsSecret | empty | ternary "" "s") .host) }}
{{- end }}{{ end }}
{{- with .Values.viewer.ingress }}{{ if .enabled }}
{{- $_ := set $known "private_url" (printf "http%s://%s" (.tlsSecret | empty | ternary "" "s") .host) }}
{{- end }}{{ end }}
{{- range $name, $value := merge (dict) .Values.settings $known -}}
{{ $name }} = {{ include "wideload.toml" $value }}
{{ end }}
{{- end }}

{{- define "wideload.datasets" -}}
{{- range $name, $dataset := .Values.datasets }}
[datasets.{{ $name }}]
{{- range $key, $value := $dataset }}
{{- if kindIs "map" $value }}
{{ $key }} = { {{- range $index, $one := keys $value | sortAlpha }}{{ if $index }},{{ end }} {{ $one }} = {{ get $value $one }}{{ end }} }
{{- else }}
{{ $key }} = {{ include "wideload.toml" $value }}
{{- end }}
{{- end }}
{{ end }}
{{- end }}

{{/* Containers */}}

{{- define "wideload.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "wideload.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* What every pod of the chart has. */}}
{{- define "wideload.placement" -}}
automountServiceAccountToken: false
# They would be variables that begin with WIDELOAD_ and are no settings.
enableServiceLinks: false
securityContext:
  {{- include "wideload.podSecurity" . | nindent 2 }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The variables that name the files of secrets. Takes (dict "root" $ "names" (list "store")). */}}
{{- define "wideload.secretVariables" -}}
{{- range .names }}
- name: WIDELOAD_{{ . | upper | replace "-" "_" }}_FILE
  value: /run/secrets/wideload/{{ . }}
{{- end }}
{{- end }}

{{/* The pod of a collector. Takes (dict "root" $ "part" "ingest" "role" "ingest" "volume" true): volume says whether `data` comes from a claim. */}}
{{- define "wideload.pod" -}}
{{- $root := .root }}
{{- $values := index $root.Values .part }}
{{- $public := ne .part "query" }}
{{- $port := $public | ternary "public" "private" }}
metadata:
  labels:
    {{- include "wideload.labels" . | nindent 4 }}
    {{- with $root.Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    # A change of datasets is taken over by pods that run; one of settings needs new ones.
    checksum/settings: {{ include "wideload.settings" $root | sha256sum }}
    {{- with $root.Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "wideload.name" $root }}
  {{- include "wideload.placement" $root | nindent 2 }}
  {{- if eq .part "ingest" }}
  topologySpreadConstraints:
    {{- if $values.topologySpread }}
    {{- toYaml $values.topologySpread | nindent 4 }}
    {{- else }}
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "wideload.selector" $ | nindent 10 }}
    {{- end }}
    {{- end }}
  {{- end }}
  # Not ready yet serving, then the requests and the batch in hand.
  terminationGracePeriodSeconds: {{ add $root.Values.unreadySeconds 50 }}
  containers:
    - name: wideload
      image: {{ include "wideload.image" (dict "root" $root "variant" (eq .part "single" | ternary "-embedded" "")) }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: [serve]
      env:
        - name: WIDELOAD_ROLE
          value: {{ .role }}
        - name: WIDELOAD_LISTEN
          value: 0.0.0.0:{{ $public | ternary 8080 8081 }}
        {{- if $public }}
        - name: WIDELOAD_PRIVATE_LISTEN
          value: 0.0.0.0:8081
        {{- end }}
        {{- if eq .part "ingest" }}
        - name: WIDELOAD_WORKERS
          value: {{ $values.workers | quote }}
        {{- end }}
        - name: WIDELOAD_UNREADY_SECONDS
          value: {{ $root.Values.unreadySeconds | quote }}
        - name: WIDELOAD_DATA_DIR
          value: /var/lib/wideload
        - name: WIDELOAD_CONFIG
          value: /etc/wideload/wideload.toml
        {{- if and (include "wideload.agent" $root) (ne .part "ingest") }}
        - name: WIDELOAD_CHECKS_DIR
          value: /srv/checks
        - name: WIDELOAD_CHECKS_DATASET
          value: {{ include "wideload.checksDataset" $root }}
        {{- end }}
        {{- $names := list "admin-token" "check-secret" }}
        {{- if ne .part "single" }}{{ $names = append $names "store" }}{{ end }}
        {{- include "wideload.secretVariables" (dict "names" (concat $names $root.Values.secrets.more)) | trim | nindent 8 }}
      ports:
        {{- if $public }}
        - name: public
          containerPort: 8080
        {{- end }}
        - name: private
          containerPort: 8081
      startupProbe:
        httpGet: {path: /healthz, port: {{ $port }}}
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet: {path: /healthz, port: {{ $port }}}
        periodSeconds: 10
        timeoutSeconds: 5
      readinessProbe:
        httpGet: {path: /readyz, port: {{ $port }}}
        periodSeconds: 2
        timeoutSeconds: 5
      resources:
        {{- toYaml $values.resources | nindent 8 }}
      securityContext:
        {{- include "wideload.containerSecurity" $root | nindent 8 }}
      volumeMounts:
        - name: data
          mountPath: /var/lib/wideload
        - name: tmp
          mountPath: /tmp
        - name: config
          mountPath: /etc/wideload
          readOnly: true
        - name: secrets
          mountPath: /run/secrets/wideload
          readOnly: true
        {{- if and (include "wideload.agent" $root) (ne .part "ingest") }}
        - name: checks
          mountPath: /srv/checks
          readOnly: true
        {{- end }}
  volumes:
    {{- if and (include "wideload.agent" $root) (ne .part "ingest") }}
    - name: checks
      configMap:
        name: {{ include "wideload.checkFiles" $root }}
    {{- end }}
    - name: tmp
      emptyDir: {medium: Memory, sizeLimit: 64Mi}
    - name: config
      configMap:
        name: {{ include "wideload.name" $root }}
    - name: secrets
      secret:
        secretName: {{ include "wideload.secret" $root }}
        # Readable by the group, which the collector is in.
        defaultMode: 0440
    {{- if eq .part "query" }}
    - name: data
      persistentVolumeClaim:
        claimName: {{ include "wideload.name" $root }}-query
    {{- else if not .volume }}
    - name: data
      emptyDir: {sizeLimit: {{ $values.persistence.size }}}
    {{- end }}
{{- end }}

{{/* The claim of a volume. Takes the part's `persistence`. */}}
{{- define "wideload.claim" -}}
accessModes: [ReadWriteOnce]
{{- with .storageClass }}
storageClassName: {{ . }}
{{- end }}
resources:
  requests:
    storage: {{ .size }}
{{- end }}
