// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package kubernetes_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/yaml"
)

// definitions are the schemas of Kubernetes' API, as one document.
const definitions = "kubernetes.json"

// kinds are the types and the schemas of the objects that the manifests may have.
var kinds = map[string]struct {
	object func() any
	schema string
}{
	"v1 ConfigMap":                       {func() any { return new(corev1.ConfigMap) }, "io.k8s.api.core.v1.ConfigMap"},
	"v1 Namespace":                       {func() any { return new(corev1.Namespace) }, "io.k8s.api.core.v1.Namespace"},
	"v1 Service":                         {func() any { return new(corev1.Service) }, "io.k8s.api.core.v1.Service"},
	"apps/v1 DaemonSet":                  {func() any { return new(appsv1.DaemonSet) }, "io.k8s.api.apps.v1.DaemonSet"},
	"apps/v1 StatefulSet":                {func() any { return new(appsv1.StatefulSet) }, "io.k8s.api.apps.v1.StatefulSet"},
	"policy/v1 PodDisruptionBudget":      {func() any { return new(policyv1.PodDisruptionBudget) }, "io.k8s.api.policy.v1.PodDisruptionBudget"},
	"networking.k8s.io/v1 NetworkPolicy": {func() any { return new(networkingv1.NetworkPolicy) }, "io.k8s.api.networking.v1.NetworkPolicy"},
}

// newCompiler returns a compiler that knows the schemas of Kubernetes' API.
func newCompiler(t *testing.T) *jsonschema.Compiler {
	t.Helper()
	all := maps.Clone(openapi.Schema().Definitions)
	for _, name := range []string{"io.k8s.apimachinery.pkg.util.intstr.IntOrString", "io.k8s.apimachinery.pkg.api.resource.Quantity"} {
		either := all[name]
		either.Type = []string{"integer", "string"} // Swagger has no word for it, and says "string".
		all[name] = either
	}
	text, err := json.Marshal(map[string]any{"definitions": all})
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4) // Swagger 2 is a form of it.
	if err := c.AddResource(definitions, document); err != nil {
		t.Fatal(err)
	}
	return c
}

// decode checks an object against its schema and its type, as an API server does: unknown and missing
// fields, and values of a wrong type, are errors.
func decode(c *jsonschema.Compiler, text []byte) (any, error) {
	var head struct{ APIVersion, Kind string }
	if err := yaml.Unmarshal(text, &head); err != nil {
		return nil, err
	}
	kind, ok := kinds[head.APIVersion+" "+head.Kind]
	if !ok {
		return nil, fmt.Errorf("unknown kind %s %s", head.APIVersion, head.Kind)
	}
	schema, err := c.Compile(definitions + "#/definitions/" + kind.schema)
	if err != nil {
		return nil, err
	}
	asJSON, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return nil, err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		return nil, err
	}
	object := kind.object()
	return object, errors.Join(schema.Validate(value), yaml.UnmarshalStrict(text, object))
}

func TestMistakesAreFound(t *testing.T) {
	const service = "apiVersion: v1\nkind: Service\nmetadata: {name: agent}\nspec:\n  ports:\n    - {name: otlp, port: 4317}\n"
	c := newCompiler(t)
	if _, err := decode(c, []byte(service)); err != nil {
		t.Errorf("a Service without mistakes: %v", err)
	}
	for name, change := range map[string][2]string{
		"unknown field":    {"spec:", "spec:\n  selectors: {a: b}"},
		"wrong type":       {"port: 4317", "port: http"},
		"missing field":    {", port: 4317", ""},
		"repeated field":   {"kind: Service", "kind: Service\nkind: Service"},
		"unknown kind":     {"kind: Service", "kind: Servise"},
		"unknown version":  {"apiVersion: v1", "apiVersion: v2"},
		"text for a list":  {"    - {name: otlp, port: 4317}\n", "    otlp\n"},
		"number for a map": {"{name: agent}", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := decode(c, []byte(strings.Replace(service, change[0], change[1], 1))); err == nil {
				t.Error("no error")
			}
		})
	}
}
