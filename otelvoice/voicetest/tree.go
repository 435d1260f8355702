// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicetest

import (
	"cmp"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// node is a span with its children in order of their start.
type node struct {
	span     sdktrace.ReadOnlySpan
	children []*node
}

// forest arranges spans by parent. A span is a root if its parent is not among them, for example
// because the parent is the span of a caller. A turn with a trace of its own is a child of the
// session that it links to.
func forest(spans []sdktrace.ReadOnlySpan) (roots []*node) {
	nodes := make(map[trace.SpanID]*node, len(spans))
	for _, s := range spans {
		nodes[s.SpanContext().SpanID()] = &node{span: s}
	}
	for _, s := range spans {
		n := nodes[s.SpanContext().SpanID()]
		parent := nodes[s.Parent().SpanID()]
		if parent == nil && len(s.Links()) > 0 {
			parent = nodes[s.Links()[0].SpanContext.SpanID()]
		}
		if parent == nil {
			roots = append(roots, n)
			continue
		}
		parent.children = append(parent.children, n)
	}
	inOrder(roots)
	for _, n := range nodes {
		inOrder(n.children)
	}
	return roots
}

// inOrder sorts by start, then by end, then by name, so that the order is deterministic.
func inOrder(nodes []*node) {
	slices.SortStableFunc(nodes, func(a, b *node) int {
		return cmp.Or(
			a.span.StartTime().Compare(b.span.StartTime()),
			a.span.EndTime().Compare(b.span.EndTime()),
			cmp.Compare(a.span.Name(), b.span.Name()))
	})
}

// value returns an attribute of the span.
func (n *node) value(key attribute.Key) (attribute.Value, bool) {
	for _, kv := range n.span.Attributes() {
		if kv.Key == key {
			return kv.Value, true
		}
	}
	return attribute.Value{}, false
}

func (n *node) text(key attribute.Key) string {
	v, _ := n.value(key)
	return v.AsString()
}

// Shape returns the tree of the spans that have ended, without times: a line for
// each span with its name and kind, children indented, in order of their start.
//
//	voice.session INTERNAL
//	  voice.turn INTERNAL
//	    speech_to_text nova-3 CLIENT
func (r *Recorder) Shape() string {
	var b strings.Builder
	var draw func(n *node, depth int)
	draw = func(n *node, depth int) {
		b.WriteString(strings.Repeat("  ", depth) + n.span.Name() + " " + strings.ToUpper(n.span.SpanKind().String()) + "\n")
		for _, child := range n.children {
			draw(child, depth+1)
		}
	}
	for _, root := range forest(r.Spans()) {
		draw(root, 0)
	}
	return b.String()
}
