// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/redact"
)

// A user ID of any type is hashed to the same value as its text.
func TestHashUserIDsOfEachType(t *testing.T) {
	r := redact.New(append(redact.Default(), redact.HashUserIDs([]byte("key")))...)
	hash := func(id string) string {
		kv, _ := r.Attribute(attribute.String("user.id", id))
		return kv.Value.AsString()
	}
	h := hash("4711")
	if !strings.HasPrefix(h, "u_") {
		t.Fatalf("got %q", h)
	}
	texts := attribute.StringSliceValue([]string{h, hash("4712")})
	for _, tt := range []struct {
		name     string
		in, want attribute.Value
	}{
		{"an integer", attribute.Int64Value(4711), attribute.StringValue(h)},
		{"a negative integer", attribute.Int64Value(-1), attribute.StringValue(hash("-1"))},
		{"a whole floating point number", attribute.Float64Value(4711), attribute.StringValue(h)},
		{"a fraction", attribute.Float64Value(0.5), attribute.StringValue(hash("0.5"))},
		{"bytes", attribute.ByteSliceValue([]byte("4711")), attribute.StringValue(h)},
		{"a list of texts", attribute.StringSliceValue([]string{"4711", "4712"}), texts},
		{"a list of integers", attribute.Int64SliceValue([]int64{4711, 4712}), texts},
		{"a list of floating point numbers", attribute.Float64SliceValue([]float64{4711, 4712}), texts},
		{"a list of values", attribute.SliceValue(attribute.Int64Value(4711), attribute.BoolValue(true)), attribute.SliceValue(attribute.StringValue(h), attribute.BoolValue(true))},
		{"a list of lists", attribute.SliceValue(attribute.SliceValue(attribute.Int64Value(4711))), attribute.SliceValue(attribute.SliceValue(attribute.StringValue(h)))},
		{"a map", attribute.MapValue(attribute.Int64("value", 4711), attribute.Bool("known", true), attribute.String("secret", "x")), attribute.MapValue(attribute.String("value", h), attribute.Bool("known", true), attribute.String("secret", redact.Redacted))},
		{"a map whose key is a secret", attribute.MapValue(attribute.Int64(mailKey, 4711)), attribute.MapValue(attribute.String("[REDACTED:email]", h))},
		{"true", attribute.BoolValue(true), attribute.BoolValue(true)},
		{"nothing", attribute.StringValue(""), attribute.StringValue("")},
		{"an empty list", attribute.SliceValue(), attribute.SliceValue()},
		{"a list of hashes", attribute.StringSliceValue([]string{h}), attribute.StringSliceValue([]string{h})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, changed := r.Attribute(attribute.KeyValue{Key: "user_id", Value: tt.in})
			if got.Value != tt.want || changed != (tt.in != tt.want) {
				t.Errorf("got %v, changed %v, want %v", got.Value.AsInterface(), changed, tt.want.AsInterface())
			}
			if again, changed := r.Attribute(got); changed {
				t.Errorf("the second time %v", again.Value.AsInterface())
			}
		})
	}
}

func TestKeysOfUserIDs(t *testing.T) {
	r := redact.New(redact.HashUserIDs([]byte("key")))
	for _, key := range []attribute.Key{
		"user.id", "user_id", "user-id", "userId", "userID", "UserID", "USER_ID", "userid", "user id", "enduser.id", "enduser_id", "endUserId",
		"usr.id", "caller.user_id", "http.request.header.x-user-id", "callerUserID", "user.ids", "UserIDs", "app/user/id",
	} {
		if _, changed := r.Attribute(key.Int(4711)); !changed {
			t.Errorf("%s is not taken for a user's id", key)
		}
		if out, _ := r.Attribute(attribute.Map("call", attribute.Map("caller", key.Int(4711)))); strings.Contains(text([]attribute.KeyValue{out}), "4711") {
			t.Errorf("%s stays in a map", key)
		}
	}
	for _, key := range []attribute.Key{
		"session.id", "user.name", "user.idle", "user", "id", "superuserid", "trouser.id", "parser.id", "user.id.count", "userIdentity", "users", "thread.id", "", "_",
	} {
		if _, changed := r.Attribute(key.Int(4711)); changed {
			t.Errorf("%q is taken for a user's id", key)
		}
	}
	if _, changed := redact.New(redact.Default()...).Attribute(attribute.Int("user.id", 4711)); changed {
		t.Error("ids are hashed without the rule")
	}
}

// Hashing deeply nested values ends.
func TestHashUserIDsIsBounded(t *testing.T) {
	r := redact.New(redact.HashUserIDs([]byte("key")))
	list, members := attribute.Int64Value(4711), attribute.Int64Value(4711)
	for range 200 {
		list, members = attribute.SliceValue(list), attribute.MapValue(attribute.KeyValue{Key: "a", Value: members})
	}
	for _, v := range []attribute.Value{list, members} {
		got, _ := r.Attribute(attribute.KeyValue{Key: "user.id", Value: v})
		if s := got.Value.String(); strings.Contains(s, "4711") || !strings.Contains(s, "…") {
			t.Errorf("got %.100s", s)
		}
	}
}
