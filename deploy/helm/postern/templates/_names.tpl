{{- define "postern.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "postern.account" -}}
{{- .Values.serviceAccount.name | default (include "postern.fullname" .) }}
{{- end }}

{{/* Of what belongs to both. */}}
{{- define "postern.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* Of what belongs to one gateway: (dict "root" $ "section" "public"). The component is the job that dashboards and alerts know. */}}
{{- define "postern.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .section }}-gateway
{{- end }}

{{/* Whole seconds of a duration of postern.yaml, rounded up. */}}
{{- define "postern.seconds" -}}
{{- if hasSuffix "ms" . }}{{ divf (trimSuffix "ms" . | float64) 1000 | ceil | int }}
{{- else if hasSuffix "s" . }}{{ trimSuffix "s" . | float64 | ceil | int }}
{{- else if hasSuffix "m" . }}{{ mulf (trimSuffix "m" . | float64) 60 | ceil | int }}
{{- else if hasSuffix "h" . }}{{ mulf (trimSuffix "h" . | float64) 3600 | ceil | int }}
{{- else }}{{ fail (printf "%s is no duration such as 30s" .) }}{{ end }}
{{- end }}

{{/* The ports of a gateway, as JSON. */}}
{{- define "postern.ports" -}}
{{- $default := ternary (dict "listen" 8080 "admin" 9080) (dict "listen" 8081 "admin" 9081) (eq .section "public") }}
{{- dict "listen" (dig .section "listen" "port" $default.listen .root.Values.config) "admin" (dig .section "admin" "port" $default.admin .root.Values.config) | toJson }}
{{- end }}

{{- define "postern.embedded" -}}
{{- if hasKey (.Values.config.registry | default dict) "embedded" }}yes{{ end }}
{{- end }}

{{- define "postern.registryPort" -}}
{{- dig "registry" "embedded" "port" 8761 .Values.config }}
{{- end }}

{{/* The registries of the private gateway's pods, as a JSON list. */}}
{{- define "postern.registries" -}}
{{- $urls := list }}
{{- range $index := until (int .Values.private.replicas) }}
{{- $name := printf "%s-private" (include "postern.fullname" $) }}
{{- $urls = append $urls (printf "http://%s-%d.%s-peers.%s.svc:%s/eureka" $name $index $name $.Release.Namespace (include "postern.registryPort" $)) }}
{{- end }}
{{- $urls | toJson }}
{{- end }}

{{/* The admin key of a gateway, as JSON: where the other one is and the token of both, or that there is none to be seen. */}}
{{- define "postern.admin" -}}
{{- $other := ternary "private" "public" (eq .section "public") }}
{{- $port := (include "postern.ports" (dict "root" .root "section" $other) | fromJson).admin }}
{{- $peer := printf "http://%s-%s-admin.%s.svc:%v" (include "postern.fullname" .root) $other .root.Release.Namespace $port }}
{{- ternary (dict "token" "${ADMIN_TOKEN}" "peer" $peer) (dict "peer" false) (ne .root.Values.adminSecret "") | toJson }}
{{- end }}

{{/*
postern.yaml: as it is given; where the gateways are for each other's dashboard, and with an embedded registry the names of its pods,
unless others are named.
*/}}
{{- define "postern.config" -}}
{{- $config := deepCopy .Values.config }}
{{- range $section := list "public" "private" }}
{{- $admin := include "postern.admin" (dict "root" $ "section" $section) | fromJson }}
{{- $given := get $config $section | default dict }}
{{- range $key, $value := $given.admin | default dict }}
{{- $_ := set $admin $key $value }}
{{- end }}
{{- $_ := set $config $section (set $given "admin" $admin) }}
{{- end }}
{{- if include "postern.embedded" . }}
{{- $urls := include "postern.registries" . | fromJsonArray }}
{{- $registry := merge (deepCopy $config.registry) (dict "eureka" $urls) }}
{{- $_ := set $registry "embedded" (merge ($registry.embedded | default dict) (dict "host" "0.0.0.0" "peers" $urls)) }}
{{- $_ := set $config "registry" $registry }}
{{- end }}
{{- toYaml $config }}
{{- end }}

{{/* The namespaces whose EndpointSlices are watched, as a JSON list; empty where no service comes from Kubernetes. */}}
{{- define "postern.namespaces" -}}
{{- $own := dig "registry" "kubernetes" "namespace" .Release.Namespace .Values.config }}
{{- $found := list }}
{{- range $key, $service := .Values.config.services }}
{{- if eq (get $service "registry" | default "") "kubernetes" }}
{{- $name := $service.name | default $key }}
{{- $found = append $found (ternary (splitList "/" $name | first) $own (contains "/" $name)) }}
{{- end }}
{{- end }}
{{- $found | uniq | sortAlpha | toJson }}
{{- end }}
