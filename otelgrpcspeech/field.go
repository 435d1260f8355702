// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelgrpcspeech

import (
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// messageOf returns the reflection of a message, or false if it is no protobuf message or nil.
func messageOf(m any) (message protoreflect.Message, ok bool) {
	defer func() {
		if recover() != nil { // As of a nil *dynamicpb.Message.
			message, ok = nil, false
		}
	}()
	reflected, ok := m.(interface{ ProtoReflect() protoreflect.Message })
	if !ok {
		return nil, false
	}
	message = reflected.ProtoReflect()
	return message, message != nil && message.IsValid()
}

// field returns the value of a field that is set and of a kind, and no list or map.
func field(m protoreflect.Message, name protoreflect.Name, kind protoreflect.Kind) (protoreflect.Value, bool) {
	fd := m.Descriptor().Fields().ByName(name)
	if fd == nil || fd.Kind() != kind || fd.Cardinality() == protoreflect.Repeated || !m.Has(fd) {
		return protoreflect.Value{}, false
	}
	return m.Get(fd), true
}

func sub(m protoreflect.Message, name protoreflect.Name) (protoreflect.Message, bool) {
	if v, ok := field(m, name, protoreflect.MessageKind); ok {
		return v.Message(), true
	}
	return nil, false
}

func text(m protoreflect.Message, name protoreflect.Name) string {
	if v, ok := field(m, name, protoreflect.StringKind); ok {
		return v.String()
	}
	return ""
}

func boolean(m protoreflect.Message, name protoreflect.Name) bool {
	v, ok := field(m, name, protoreflect.BoolKind)
	return ok && v.Bool()
}

// number returns an integer, or 0.
func number(m protoreflect.Message, name protoreflect.Name) int64 {
	for _, kind := range [...]protoreflect.Kind{protoreflect.Int32Kind, protoreflect.Int64Kind} {
		if v, ok := field(m, name, kind); ok {
			return v.Int()
		}
	}
	return 0
}

// enum returns the name of an enum's value, or "".
func enum(m protoreflect.Message, name protoreflect.Name) protoreflect.Name {
	v, ok := field(m, name, protoreflect.EnumKind)
	if !ok {
		return ""
	}
	value := m.Descriptor().Fields().ByName(name).Enum().Values().ByNumber(v.Enum())
	if value == nil {
		return ""
	}
	return value.Name()
}

// list returns a list of a kind. It is empty if there is none.
func list(m protoreflect.Message, name protoreflect.Name, kind protoreflect.Kind) (protoreflect.List, int) {
	fd := m.Descriptor().Fields().ByName(name)
	if fd == nil || !fd.IsList() || fd.Kind() != kind {
		return nil, 0
	}
	l := m.Get(fd).List()
	return l, l.Len()
}

// maxOffset is the longest duration that a stream has.
const maxOffset = 24 * time.Hour

// duration returns a time that is a google.protobuf.Duration or, as in Riva, a number of milliseconds.
func duration(m protoreflect.Message, name protoreflect.Name) (time.Duration, bool) {
	if v, ok := field(m, name, protoreflect.Int32Kind); ok {
		d := time.Duration(v.Int()) * time.Millisecond
		return d, d >= 0 && d <= maxOffset
	}
	d, ok := sub(m, name)
	if !ok || d.Descriptor().FullName() != "google.protobuf.Duration" {
		return 0, false
	}
	seconds, nanos := number(d, "seconds"), number(d, "nanos")
	if seconds < 0 || seconds > int64(maxOffset/time.Second) || nanos < 0 || nanos >= int64(time.Second) {
		return 0, false
	}
	return time.Duration(seconds)*time.Second + time.Duration(nanos), true
}

// either returns the first of two times that is known: v1 and v2 have different names for them.
func either(m protoreflect.Message, v1, v2 protoreflect.Name) (time.Duration, bool) {
	if d, ok := duration(m, v1); ok {
		return d, true
	}
	return duration(m, v2)
}
