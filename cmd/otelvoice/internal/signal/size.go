// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package signal

// What a signal and an attribute take in memory without their text.
const (
	bareSignal    = 400
	bareAttribute = 48
)

// Size returns about how many bytes of memory a batch takes. A resource or scope that several signals have one after
// the other counts once.
func (b *Batch) Size() (size int64) {
	var resource *Resource
	var scope *Scope
	origin := func(r *Resource, s *Scope) {
		if r != resource && r != nil {
			size += r.Attributes.size()
		}
		if s != scope && s != nil {
			size += s.Attributes.size() + int64(len(s.Name)+len(s.Version))
		}
		resource, scope = r, s
	}
	for _, s := range b.Spans {
		size += bareSignal + int64(len(s.Name)+len(s.Status)) + s.Attributes.size()
		for _, e := range s.Events {
			size += bareSignal/4 + int64(len(e.Name)) + e.Attributes.size()
		}
		for _, l := range s.Links {
			size += bareSignal/4 + l.Attributes.size()
		}
		origin(s.Resource, s.Scope)
	}
	for _, r := range b.Records {
		size += bareSignal + int64(len(r.Body)+len(r.Severity)+len(r.EventName)) + r.Attributes.size()
		origin(r.Resource, r.Scope)
	}
	return size
}

func (a Attributes) size() (size int64) {
	for _, kv := range a {
		size += bareAttribute + sizeOf(kv.Value) // Keys are shared.
	}
	return size
}

func sizeOf(v any) (size int64) {
	switch v := v.(type) {
	case string:
		return int64(len(v))
	case []any:
		for _, e := range v {
			size += bareAttribute/3 + sizeOf(e)
		}
	case Attributes:
		return v.size()
	}
	return size
}
