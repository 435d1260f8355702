// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp_test

import (
	"errors"
	"testing"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/internal/otlp"
)

// spansOf returns spans with the names.
func spansOf(names ...string) (spans []*tracepb.Span) {
	for _, name := range names {
		spans = append(spans, &tracepb.Span{Name: name})
	}
	return spans
}

// A filtered request has the items that were kept, in the scopes and resources that they had.
func TestFilterRequest(t *testing.T) {
	scope := func(name string, spans ...string) *tracepb.ScopeSpans {
		return &tracepb.ScopeSpans{Scope: &commonpb.InstrumentationScope{Name: name}, SchemaUrl: "s", Spans: spansOf(spans...)}
	}
	resource := func(id string, scopes ...*tracepb.ScopeSpans) *tracepb.ResourceSpans {
		return &tracepb.ResourceSpans{
			Resource:   &resourcepb.Resource{Attributes: []*commonpb.KeyValue{{Key: id}}},
			ScopeSpans: scopes, SchemaUrl: "r",
		}
	}
	request := func(resources ...*tracepb.ResourceSpans) *coltrace.ExportTraceServiceRequest {
		return &coltrace.ExportTraceServiceRequest{ResourceSpans: resources}
	}
	all := request(resource("one", scope("a", "0", "1"), scope("b", "2")), resource("two", scope("a", "3", "4")))
	for _, tt := range []struct {
		name string
		keep string
		want *coltrace.ExportTraceServiceRequest
	}{
		{"all", "01234", all},
		{"none", "", request()},
		{"one of a scope", "1", request(resource("one", scope("a", "1")))},
		{"a scope", "2", request(resource("one", scope("b", "2")))},
		{"of both resources", "04", request(resource("one", scope("a", "0")), resource("two", scope("a", "4")))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body, err := proto.Marshal(all)
			if err != nil {
				t.Fatal(err)
			}
			kept := make(map[int]bool)
			for _, index := range tt.keep {
				kept[int(index-'0')] = true
			}
			filtered, err := otlp.FilterRequest(body, otlp.Items, func(index int) bool { return kept[index] })
			if err != nil {
				t.Fatal(err)
			}
			got := request()
			if err := proto.Unmarshal(filtered, got); err != nil {
				t.Fatal(err)
			}
			if !proto.Equal(got, tt.want) {
				t.Errorf("got  %v\nwant %v", got, tt.want)
			}
			items := 0
			otlp.EachItem(filtered, otlp.Items, func([]byte) { items++ })
			if items != len(tt.keep) || items != otlp.CountItems(filtered, otlp.Items) {
				t.Errorf("%d items, want %d", items, len(tt.keep))
			}
		})
	}
}

// A request that is not valid is not filtered, whatever its bytes are.
func FuzzFilterRequest(f *testing.F) {
	body, err := proto.Marshal(&coltrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{
		{ScopeSpans: []*tracepb.ScopeSpans{{Spans: spansOf("a", "b", "c")}}},
	}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body, uint8(0b101))
	f.Add(body[:len(body)-1], uint8(1))
	f.Add([]byte{0x0a, 0xff}, uint8(1))
	f.Fuzz(func(t *testing.T, request []byte, mask uint8) {
		for _, kind := range []otlp.Kind{otlp.Items, otlp.Points} {
			want, all := 0, 0
			keep := func(index int) bool { return mask>>(index%8)&1 == 1 }
			otlp.EachItem(request, kind, func([]byte) {
				if keep(all) {
					want++
				}
				all++
			})
			filtered, err := otlp.FilterRequest(request, kind, keep)
			if err != nil {
				if !errors.Is(err, otlp.ErrInvalid) {
					t.Errorf("got %v", err)
				}
				continue
			}
			if got := otlp.CountItems(filtered, kind); got != want {
				t.Errorf("%d items, want %d", got, want)
			}
			for rest := filtered; len(rest) > 0; {
				_, _, n := protowire.ConsumeField(rest)
				if n < 0 {
					t.Fatalf("the filtered request is not valid: %x", filtered)
				}
				rest = rest[n:]
			}
		}
	})
}
