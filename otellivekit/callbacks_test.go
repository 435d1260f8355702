// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"

	"github.com/voice-agents/telemetry/otellivekit"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// callbacksOf returns the functions of callbacks by their names.
func callbacksOf(cb *lksdk.RoomCallback) map[string]reflect.Value {
	out := make(map[string]reflect.Value)
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.Func {
				out[v.Type().Field(i).Name] = f
			} else if f.Kind() == reflect.Struct {
				walk(f)
			}
		}
	}
	walk(reflect.ValueOf(cb).Elem())
	return out
}

// every returns callbacks all of which do the same.
func every(do func(name string)) *lksdk.RoomCallback {
	cb := new(lksdk.RoomCallback)
	for name, f := range callbacksOf(cb) {
		f.Set(reflect.MakeFunc(f.Type(), func([]reflect.Value) []reflect.Value { do(name); return nil }))
	}
	return cb
}

// arguments are for a callback, as far as a room without a server has them.
func arguments(t *testing.T, f reflect.Value, room *lksdk.Room) (in []reflect.Value) {
	t.Helper()
	rp := room.GetParticipantByIdentity("caller")
	for kind := range f.Type().Ins() {
		arg := reflect.New(kind).Elem()
		switch v := arg.Addr().Interface().(type) {
		case **lksdk.RemoteParticipant:
			*v = rp
		case *lksdk.Participant:
			*v = rp
		case **lksdk.LocalParticipant:
			*v = room.LocalParticipant
		case **lksdk.LocalTrackPublication:
			*v = new(lksdk.LocalTrackPublication)
		case **lksdk.RemoteTrackPublication:
			*v = rp.TrackPublications()[0].(*lksdk.RemoteTrackPublication)
		case *lksdk.TrackPublication:
			*v = rp.TrackPublications()[0]
		case *lksdk.DataPacket:
			*v = lksdk.UserData([]byte("hello"))
		case *[]lksdk.Participant:
			*v = []lksdk.Participant{rp}
		case **webrtc.TrackRemote, **livekit.ConnectionQualityInfo, *map[string]string, *[]byte, *string, *bool,
			*lksdk.DataReceiveParams, *lksdk.DisconnectionReason, *[]*lksdk.TranscriptionSegment:
		default:
			t.Errorf("a callback has a new kind of argument: %s", arg.Type())
		}
		in = append(in, arg)
	}
	return in
}

// A new callback of the SDK's makes this fail until it is wrapped.
func TestEveryCallbackIsWrapped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		called := make(map[string]int)
		cb := otellivekit.Callbacks(tel.Telemetry, every(func(name string) { called[name]++ }))
		room := enter(cb, nil, caller("PA_1"))
		synctest.Wait()
		for name, f := range callbacksOf(cb) {
			if f.IsNil() {
				t.Errorf("%s is not wrapped", name)
				continue
			}
			if strings.HasPrefix(name, "OnDisconnected") {
				continue // Last.
			}
			clear(called)
			f.Call(arguments(t, f, room))
			if called[name] != 1 || len(called) != 1 {
				t.Errorf("%s called %v", name, called)
			}
		}
		clear(called)
		room.OnDisconnected(livekit.DisconnectReason_CLIENT_INITIATED)
		if called["OnDisconnected"] != 1 || called["OnDisconnectedWithReason"] != 1 {
			t.Errorf("at the end was called %v", called)
		}

		spans := len(rec.Spans())
		for name, f := range callbacksOf(cb) { // Late ones.
			clear(called)
			f.Call(arguments(t, f, room))
			if called[name] != 1 || len(called) != 1 {
				t.Errorf("after the end, %s called %v", name, called)
			}
		}
		if late := len(rec.Spans()) + len(rec.Open()) - spans; late != 0 {
			t.Errorf("late callbacks made %d spans", late)
		}
		voicetest.Check(t, rec)
	})
}

func TestWithoutCallbacksOfTheUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		cb := otellivekit.Callbacks(tel.Telemetry, nil, nil)
		room := enter(cb, nil, caller("PA_1"))
		for _, f := range callbacksOf(cb) {
			f.Call(arguments(t, f, room))
		}
		otellivekit.Disconnect(room)
		synctest.Wait()
		voicetest.Check(t, rec)
	})
}

func TestCallbackThatPanics(t *testing.T) {
	for name := range callbacksOf(new(lksdk.RoomCallback)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t)
				boom := false
				cb := otellivekit.Callbacks(tel.Telemetry, every(func(called string) {
					if boom && called == name {
						panic("boom")
					}
				}))
				room := enter(cb, nil, caller("PA_1"))
				synctest.Wait()
				otellivekit.SessionFromRoom(t.Context(), room, "caller")
				boom = true
				func() {
					defer func() {
						if r := recover(); r != "boom" {
							t.Errorf("the SDK would see %v", r)
						}
					}()
					f := callbacksOf(cb)[name]
					f.Call(arguments(t, f, room))
				}()
				line := find(t, rec, "callback panicked")
				if line["level"] != "ERROR" || !strings.Contains(fmt.Sprint(line), "callbacks_test.go") {
					t.Errorf("the line is %v", line)
				}
				session := only(t, rec, "voice.session")
				if session.Status().Description != "panic in "+name+": boom" {
					t.Errorf("the session ended in %v", session.Status())
				}
				otellivekit.Disconnect(room)
				voicetest.Check(t, rec)
			})
		})
	}
}

// A callback that panics panics on within a second, though the end of the session hangs.
func TestCallbackThatPanicsWhileTheEndHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, _ := voicetest.Setup(t)
		boom := false
		cb := otellivekit.Callbacks(tel.Telemetry, &lksdk.RoomCallback{OnReconnecting: func() {
			if boom {
				panic("boom")
			}
		}})
		room := enter(cb, nil, caller("PA_1"))
		synctest.Wait()
		ctx, session := otellivekit.SessionFromRoom(t.Context(), room, "caller")
		release := make(chan struct{})
		session.OnTurn(func(*otelvoice.Turn) func() { return func() { <-release } })
		session.StartTurn(ctx)
		boom = true
		begin := time.Now()
		func() {
			defer func() {
				if r := recover(); r != "boom" {
					t.Errorf("the SDK would see %v", r)
				}
			}()
			cb.OnReconnecting()
		}()
		if took := time.Since(begin); took > time.Second {
			t.Errorf("it took %s", took)
		}
		close(release)
		synctest.Wait()
		otellivekit.Disconnect(room)
	})
}
