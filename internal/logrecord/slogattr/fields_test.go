// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package slogattr_test

import (
	"encoding/json"
	"io/fs"
	"log/slog"
	"math"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/logrecord/slogattr"
)

type tier int

func (t tier) String() string { return [...]string{"free", "paid"}[t] }

// Fields of values are exact too.
func TestFieldsAreExact(t *testing.T) {
	type base struct {
		ID   int64 `json:"id"`
		Name string
	}
	type request struct {
		base
		*url.Userinfo

		Account  uint64        `json:"account"`
		Order    *int64        `json:"order,omitempty"`
		Timeout  time.Duration `json:"timeout"`
		At       time.Time     `json:"at"`
		Until    *time.Time    `json:"until"`
		Share    float64
		Total    *big.Int
		Raw      json.Number
		Err      error
		Tier     tier
		Tags     map[string]time.Duration
		Name     string
		Nothing  string    `json:",omitempty"`
		Unset    time.Time `json:",omitzero"`
		Ignored  int       `json:"-"`
		private  int
		Inner    struct{ N uint64 }
		Anything any
	}
	type call struct {
		Name      string
		Arguments json.RawMessage
		More      *json.RawMessage
	}
	type bare json.RawMessage
	order := int64(1<<53 + 1)
	at := time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)
	arg := request{
		base: base{ID: math.MaxInt64, Name: "hidden"}, Account: math.MaxUint64, Order: &order, Timeout: 1500 * time.Millisecond, At: at, Until: &at, Share: .5,
		Total: new(big.Int).Lsh(big.NewInt(1), 70), Raw: "9007199254740993", Err: fs.ErrNotExist, Tier: 1, Tags: map[string]time.Duration{"a": time.Second},
		Name: "ada", private: 1, Anything: []any{uint64(1), time.Minute},
	}
	arg.Inner.N = 1<<53 + 1
	want := `{"Anything":[1,"1m0s"],"Err":"file does not exist","Inner":{"N":9007199254740993},"Name":"ada","Raw":9007199254740993,"Share":0.5,` +
		`"Tags":{"a":"1s"},"Tier":1,"Total":"1180591620717411303424","account":"18446744073709551615","at":"2300-01-01T00:00:00Z",` +
		`"id":9223372036854775807,"order":9007199254740993,"timeout":"1.5s","until":"2300-01-01T00:00:00Z"}`
	if got := attribute.MapValue(slogattr.Fields(arg)...).String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := attribute.MapValue(slogattr.Fields(&arg)...).String(); got != want {
		t.Errorf("of a pointer got  %s\nwant %s", got, want)
	}
	for _, tt := range []struct {
		name string
		arg  any
		want string
	}{
		{"integer", int64(1<<53 + 1), `{"value":9007199254740993}`},
		{"unsigned", uint64(math.MaxUint64), `{"value":"18446744073709551615"}`},
		{"whole float", float64(1e20), `{"value":1e+20}`},
		{"duration", time.Second, `{"value":"1s"}`},
		{"time", at, `{"value":"2300-01-01T00:00:00Z"}`},
		{"integers", []int64{1<<53 + 1}, `{"value":[9007199254740993]}`},
		{"by number", map[int]uint64{7: math.MaxUint64}, `{"7":"18446744073709551615"}`},
		{"group", slog.GroupValue(slog.Duration("d", time.Second)), `{"d":"1s"}`},
		{"error", fs.ErrNotExist, `{"value":"file does not exist"}`},
		{"too much", strings.Repeat("x", 20<<10), `{"value":"(String not shown)"}`},
		{"nothing", nil, `{"value":null}`},
		{"JSON", json.RawMessage(`{"seats":[1,{"row":"a"}],"id":9007199254740993}`), `{"id":9007199254740993,"seats":[1,{"row":"a"}]}`},
		{"struct with JSON", call{"book", json.RawMessage(`{"seats":2}`), nil}, `{"Arguments":{"seats":2},"More":null,"Name":"book"}`},
		{"pointer to JSON", call{"book", nil, new(json.RawMessage(`"x"`))}, `{"Arguments":null,"More":"x","Name":"book"}`},
		{"JSON in a map", map[string]any{"a": json.RawMessage(`[1]`)}, `{"a":[1]}`},
		{"bytes that are no JSON", call{"book", json.RawMessage("spoken"), nil}, `{"value":"(slogattr_test.call not shown)"}`},
		{"JSON beside bytes", []any{json.RawMessage(`1`), []byte("1")}, `{"value":"([]interface {} not shown)"}`},
		{"JSON in a type of its own", bare(`1`), `{"size_bytes":1}`},
		{"too much JSON", call{"book", json.RawMessage(`"` + strings.Repeat("x", 20<<10) + `"`), nil}, `{"value":"(slogattr_test.call not shown)"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := attribute.MapValue(slogattr.Fields(tt.arg)...).String(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
