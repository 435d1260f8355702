// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package kubernetes_test builds the manifests of deploy with kustomize, and checks them against the
// schemas of Kubernetes' API, against each other, and against the collector that they configure. No
// cluster runs.
package kubernetes_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/voice-agents/telemetry/e2e/backend"
)

// manifests are the objects that kubectl apply -k deploy creates.
type manifests struct {
	namespace *corev1.Namespace
	agent     *appsv1.DaemonSet
	gateway   *appsv1.StatefulSet
	budget    *policyv1.PodDisruptionBudget
	network   *networkingv1.NetworkPolicy
	services  map[string]*corev1.Service
	configs   map[string]*corev1.ConfigMap // By the name without the hash of the content.
}

func build(t *testing.T) manifests {
	t.Helper()
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), backend.File(t, "deploy"))
	if err != nil {
		t.Fatal(err)
	}
	m := manifests{services: make(map[string]*corev1.Service), configs: make(map[string]*corev1.ConfigMap)}
	c := newCompiler(t)
	for _, resource := range built.Resources() {
		text, err := resource.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		object, err := decode(c, text)
		if err != nil {
			t.Fatalf("%s %s: %v", resource.GetKind(), resource.GetName(), err)
		}
		switch o := object.(type) {
		case *corev1.Namespace:
			m.namespace = o
		case *appsv1.DaemonSet:
			m.agent = o
		case *appsv1.StatefulSet:
			m.gateway = o
		case *policyv1.PodDisruptionBudget:
			m.budget = o
		case *networkingv1.NetworkPolicy:
			m.network = o
		case *corev1.Service:
			m.services[o.Name] = o
		case *corev1.ConfigMap:
			m.configs[o.Name[:strings.LastIndex(o.Name, "-")]] = o
		}
		if ns := resource.GetNamespace(); resource.GetKind() != "Namespace" && ns != "telemetry" {
			t.Errorf("%s %s is in the namespace %q", resource.GetKind(), resource.GetName(), ns)
		}
	}
	return m
}

// Each reference between the objects has its target.
func TestManifestsFitTogether(t *testing.T) {
	m := build(t)
	pods := map[string]corev1.PodTemplateSpec{"agent": m.agent.Spec.Template, "gateway": m.gateway.Spec.Template}
	selectors := map[string]map[string]string{
		"DaemonSet agent":             m.agent.Spec.Selector.MatchLabels,
		"StatefulSet gateway":         m.gateway.Spec.Selector.MatchLabels,
		"PodDisruptionBudget gateway": m.budget.Spec.Selector.MatchLabels,
		"NetworkPolicy gateway":       m.network.Spec.PodSelector.MatchLabels,
		"NetworkPolicy's from agent":  m.network.Spec.Ingress[0].From[0].PodSelector.MatchLabels,
	}
	for name, s := range m.services {
		selectors["Service "+name] = s.Spec.Selector
		for _, port := range s.Spec.Ports {
			if !slices.ContainsFunc(pods[name].Spec.Containers[0].Ports, func(p corev1.ContainerPort) bool {
				return p.Name == port.TargetPort.String() && p.ContainerPort == port.Port
			}) {
				t.Errorf("Service %s: the port %s is not a port of the container", name, port.Name)
			}
		}
	}
	for name, selector := range selectors {
		pod := pods[name[strings.LastIndex(name, " ")+1:]]
		for k, v := range selector {
			if pod.Labels[k] != v || len(selector) == 0 {
				t.Errorf("%s selects %v; the pods have %v", name, selector, pod.Labels)
			}
		}
	}
	if m.services[m.gateway.Spec.ServiceName] == nil {
		t.Errorf("the StatefulSet's service %q does not exist", m.gateway.Spec.ServiceName)
	}
	for name, pod := range pods {
		volumes := make(map[string]bool)
		for _, v := range pod.Spec.Volumes {
			volumes[v.Name] = true
			if v.ConfigMap != nil && v.ConfigMap.Name != m.configs["collector"].Name {
				t.Errorf("%s mounts the ConfigMap %s, which does not exist", name, v.ConfigMap.Name)
			}
		}
		for _, claim := range m.gateway.Spec.VolumeClaimTemplates {
			volumes[claim.Name] = volumes[claim.Name] || name == "gateway"
		}
		for _, c := range append(pod.Spec.InitContainers, pod.Spec.Containers...) {
			for _, mount := range c.VolumeMounts {
				if !volumes[mount.Name] {
					t.Errorf("%s mounts %s, which is no volume", name, mount.Name)
				}
			}
			if s := c.SecurityContext; s == nil || s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || !*s.ReadOnlyRootFilesystem {
				t.Errorf("%s: the container %s may get privileges or write to its image", name, c.Name)
			}
			if !regexp.MustCompile(`:\d+\.\d+`).MatchString(c.Image) {
				t.Errorf("%s: the image %s has no version", name, c.Image)
			}
		}
		if from := pod.Spec.Containers[0].EnvFrom[0].ConfigMapRef.Name; from != m.configs["backends"].Name {
			t.Errorf("%s takes variables from the ConfigMap %s, which does not exist", name, from)
		}
	}
}

// The agents' list has each gateway once.
func TestAgentsKnowAllGateways(t *testing.T) {
	m := build(t)
	var want []string
	for i := range int(*m.gateway.Spec.Replicas) {
		want = append(want, fmt.Sprintf("%s-%d.%s.%s.svc:4317", m.gateway.Name, i, m.gateway.Spec.ServiceName, m.gateway.Namespace))
	}
	got := regexp.MustCompile(`\S+\.svc:\d+`).FindAllString(m.configs["collector"].Data["gateways.yaml"], -1)
	if !slices.Equal(got, want) {
		t.Errorf("gateways.yaml lists %v, the replicas are %v", got, want)
	}
}

// The limit of the gateway's container is above that of the collector, and the probes and queues are
// where the collector has them.
func TestCollectorIsConfigured(t *testing.T) {
	m := build(t)
	dir := t.TempDir()
	for name, text := range m.configs["collector"].Data {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	known := strings.Join(slices.Collect(maps.Values(m.configs["collector"].Data)), "\n")
	for name, pod := range map[string]corev1.PodSpec{"agent": m.agent.Spec.Template.Spec, "gateway": m.gateway.Spec.Template.Spec} {
		t.Run(name, func(t *testing.T) {
			c := pod.Containers[0]
			for _, variable := range c.Env {
				t.Setenv(variable.Name, variable.Value)
				if !strings.Contains(known, "${env:"+variable.Name+":-") && variable.Name != "GOMEMLIMIT" {
					t.Errorf("no configuration reads %s", variable.Name)
				}
			}
			for k, v := range m.configs["backends"].Data {
				t.Setenv(k, v)
				if !strings.Contains(known, "${env:"+k+":-") {
					t.Errorf("no configuration reads %s", k)
				}
			}
			t.Setenv("QUEUE_DIR", t.TempDir())
			command := strings.Join(append(c.Command, c.Args...), " ")
			var configs []string
			for _, match := range regexp.MustCompile(`--config=/etc/otelcol/(\S+)`).FindAllStringSubmatch(command, -1) {
				configs = append(configs, filepath.Join(dir, match[1]))
			}
			if len(configs) < 2 {
				t.Fatalf("the command %q names %d configurations", command, len(configs))
			}
			if err := backend.Validate(t, configs...); err != nil {
				t.Error(err)
			}
			if !slices.ContainsFunc(c.VolumeMounts, func(v corev1.VolumeMount) bool { return v.MountPath == "/var/lib/otelcol" && !v.ReadOnly }) {
				t.Error("the queue is not on a volume")
			}
		})
	}
	gateway := m.gateway.Spec.Template.Spec.Containers[0]
	limit := gateway.Resources.Limits.Memory().Value() >> 20
	for _, variable := range gateway.Env {
		if variable.Name == "MEMORY_LIMIT_MIB" {
			if n, err := strconv.ParseInt(variable.Value, 10, 64); err != nil || n*10 > limit*9 {
				t.Errorf("the collector may use %s MiB of %d", variable.Value, limit)
			}
		}
	}
}

// The gateway's command sets the time of its start in nanoseconds.
func TestGatewayKnowsItsStart(t *testing.T) {
	command := build(t).gateway.Spec.Template.Spec.Containers[0].Command
	script := command[len(command)-1]
	script = strings.ReplaceAll(script, "/shell/busybox date", "date")
	script = regexp.MustCompile(`/otelcol-contrib.*`).ReplaceAllString(script, "printenv GATEWAY_STARTED")
	out, err := exec.CommandContext(t.Context(), "sh", "-c", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	nanoseconds, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	if ago := time.Since(time.Unix(0, nanoseconds)); err != nil || ago < 0 || ago > time.Hour {
		t.Errorf("GATEWAY_STARTED is %s (%v), %s ago", out, err, ago)
	}
}

// The collector is the one that the compose file has.
func TestCollectorIsOfOneVersion(t *testing.T) {
	compose, err := os.ReadFile(backend.File(t, "docker-compose.otel.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if image := build(t).gateway.Spec.Template.Spec.Containers[0].Image; !strings.Contains(string(compose), "image: "+image+"\n") {
		t.Errorf("the compose file does not have the image %s", image)
	}
}

// Prometheus scrapes both ports of each collector. Its configuration names them as the manifests do, and the
// collector listens on them.
func TestBothPortsAreScraped(t *testing.T) {
	m := build(t)
	text, err := os.ReadFile(backend.File(t, "deploy", "prometheus", "kubernetes.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for _, match := range regexp.MustCompile(`__meta_kubernetes_pod_container_port_name\], regex: ([a-z-]+), action: keep`).FindAllStringSubmatch(string(text), -1) {
		kept = append(kept, match[1])
	}
	if want := []string{"metrics", "own-metrics"}; !slices.Equal(kept, want) {
		t.Errorf("Prometheus scrapes the ports %v, want %v", kept, want)
	}
	if !strings.Contains(string(text), "names: ["+m.namespace.Name+"]") {
		t.Errorf("Prometheus does not look into the namespace %s", m.namespace.Name)
	}
	known := strings.Join(slices.Collect(maps.Values(m.configs["collector"].Data)), "\n")
	for name, pod := range map[string]corev1.PodTemplateSpec{"agent": m.agent.Spec.Template, "gateway": m.gateway.Spec.Template} {
		for port, number := range map[string]int32{"metrics": 8889, "own-metrics": 8888} {
			if !slices.ContainsFunc(pod.Spec.Containers[0].Ports, func(p corev1.ContainerPort) bool { return p.Name == port && p.ContainerPort == number }) {
				t.Errorf("%s has no port %s with the number %d", name, port, number)
			}
			if !strings.Contains(known, strconv.Itoa(int(number))) {
				t.Errorf("no configuration listens on %d", number)
			}
		}
		if port, ok := pod.Annotations["prometheus.io/port"]; ok {
			t.Errorf("%s has an annotation for the port %s only", name, port)
		}
	}
}
