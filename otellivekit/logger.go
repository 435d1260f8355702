// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"context"
	"log/slog"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/livekit/protocol/logger"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// NewLogger returns a logger for LiveKit's packages that writes through the toolkit:
// its lines pass the same levels, filters and redaction as all others, and go where
// they go. The module is "livekit", and below it the logger's names and components:
// "livekit.transport". What LiveKit calls room, roomID, participant, participantID and
// trackID has the names of the registry.
//
//	lksdk.SetLogger(otellivekit.NewLogger(tel))
//	logger.SetLogger(otellivekit.NewLogger(tel), "livekit") // Of package protocol/logger.
//
// LiveKit hands no context to its loggers: the lines have no trace unless one is given
// by [NewLoggerContext].
func NewLogger(tel *otelvoice.Telemetry) logger.Logger {
	return NewLoggerContext(context.Background(), tel)
}

// NewLoggerContext is [NewLogger] for lines that belong to the session of ctx, such as
// those of one room. Whether ctx is cancelled does not matter.
func NewLoggerContext(ctx context.Context, tel *otelvoice.Telemetry) logger.Logger {
	return &lineLogger{ctx: context.WithoutCancel(ctx), tel: tel, module: "livekit", handler: tel.Logger("livekit", component()).Handler()}
}

// lineLogger never changes; its methods return others.
type lineLogger struct {
	ctx      context.Context //nolint:containedctx // That of the room: LiveKit hands none on.
	tel      *otelvoice.Telemetry
	module   string
	handler  slog.Handler
	fields   []any
	depth    int
	deferred *deferred
}

var _ logger.Logger = (*lineLogger)(nil)

func (l *lineLogger) Debugw(msg string, keysAndValues ...any) {
	l.log(slog.LevelDebug, msg, nil, keysAndValues)
}

func (l *lineLogger) Infow(msg string, keysAndValues ...any) {
	l.log(slog.LevelInfo, msg, nil, keysAndValues)
}

func (l *lineLogger) Warnw(msg string, err error, keysAndValues ...any) {
	l.log(slog.LevelWarn, msg, err, keysAndValues)
}

func (l *lineLogger) Errorw(msg string, err error, keysAndValues ...any) {
	l.log(slog.LevelError, msg, err, keysAndValues)
}

func (l *lineLogger) log(level slog.Level, msg string, err error, keysAndValues []any) {
	if !l.handler.Enabled(l.ctx, level) {
		return
	}
	const skipped = 3 // runtime.Callers, this and the method.
	var pcs [1]uintptr
	runtime.Callers(skipped+l.depth, pcs[:])
	if l.deferred != nil {
		l.deferred.write(l, level, msg, err, keysAndValues, pcs[0])
		return
	}
	l.write(time.Now(), level, msg, err, keysAndValues, pcs[0])
}

func (l *lineLogger) write(at time.Time, level slog.Level, msg string, err error, keysAndValues []any, pc uintptr) {
	record := slog.NewRecord(at, level, msg, pc)
	record.AddAttrs(attrs(l.fields)...)
	record.AddAttrs(attrs(keysAndValues)...)
	if err != nil {
		record.AddAttrs(otelvoice.Error(err))
	}
	_ = l.handler.Handle(l.ctx, record) // The pipe counts what it cannot write.
}

func (l *lineLogger) with(change func(*lineLogger)) *lineLogger {
	c := *l
	change(&c)
	return &c
}

// WithValues adds fields to all lines.
func (l *lineLogger) WithValues(keysAndValues ...any) logger.Logger {
	return l.with(func(c *lineLogger) { c.fields = slices.Concat(c.fields, keysAndValues) })
}

// WithUnlikelyValues adds fields that are only worked out for lines that are written.
func (l *lineLogger) WithUnlikelyValues(keysAndValues ...any) logger.UnlikelyLogger {
	return logger.NewUnlikelyLogger(l, keysAndValues...)
}

// WithName names the logger, and the module of its lines.
func (l *lineLogger) WithName(name string) logger.Logger { return l.below(name) }

// WithComponent names a part of the logger.
func (l *lineLogger) WithComponent(component string) logger.Logger { return l.below(component) }

// below returns a logger whose module is one below this one's. Fields stay.
func (l *lineLogger) below(name string) logger.Logger {
	if name == "" {
		return l
	}
	return l.with(func(c *lineLogger) {
		c.module += "." + withoutNumber(name)
		c.handler = c.tel.Logger(c.module, component()).Handler()
	})
}

// WithCallDepth makes the caller's caller the source of the lines.
func (l *lineLogger) WithCallDepth(depth int) logger.Logger {
	return l.with(func(c *lineLogger) { c.depth += depth })
}

// WithItemSampler returns the logger: how much is logged is for its level to say.
func (l *lineLogger) WithItemSampler() logger.Logger { return l }

// WithoutSampler returns the logger, which samples nothing.
func (l *lineLogger) WithoutSampler() logger.Logger { return l }

// WithDeferredValues returns a logger that keeps its lines until the fields that
// belong to them are known.
func (l *lineLogger) WithDeferredValues() (logger.Logger, logger.DeferredFieldResolver) {
	d := &deferred{}
	return l.with(func(c *lineLogger) { c.deferred = d }), d
}

// fieldName returns the registry's name for one of LiveKit's fields.
func fieldName(key string) string {
	switch key {
	case "room":
		return string(semconv.VoiceRoomNameKey)
	case "roomID":
		return string(semconv.VoiceRoomIDKey)
	case "participant":
		return string(semconv.VoiceParticipantIdentityKey)
	case "participantID", "pID":
		return string(semconv.VoiceParticipantIDKey)
	case "trackID":
		return string(semconv.VoiceTrackIDKey)
	}
	return key
}

// fieldValue returns the value of one of LiveKit's fields. Names are without telephone numbers.
func fieldValue(key string, value any) any {
	switch key {
	case "room", "roomName", "participant", "participantIdentity", "identity":
		if v := reflect.ValueOf(value); v.Kind() == reflect.String { // LiveKit has types for each of them.
			return withoutNumber(v.String())
		}
	}
	return value
}

// attrs makes attributes of keys and values; a value without a key is called so.
func attrs(keysAndValues []any) (list []slog.Attr) {
	for len(keysAndValues) > 0 {
		key, ok := keysAndValues[0].(string)
		if !ok || len(keysAndValues) == 1 {
			list = append(list, slog.Any("!BADKEY", keysAndValues[0]))
			keysAndValues = keysAndValues[1:]
			continue
		}
		list = append(list, slog.Any(fieldName(key), fieldValue(key, keysAndValues[1])))
		keysAndValues = keysAndValues[2:]
	}
	return list
}

// maxDeferred bounds the lines that wait for their fields.
const maxDeferred = 1000

// deferred is lines that wait for their fields, and these once they are known.
type deferred struct {
	mu       sync.Mutex
	resolved bool
	fields   []any
	waiting  []func(fields []any)
}

// write keeps a line until the fields are known, and writes it with them. When too
// many wait already it is written as it is.
func (d *deferred) write(l *lineLogger, level slog.Level, msg string, err error, keysAndValues []any, pc uintptr) {
	at := time.Now()
	write := func(fields []any) { l.write(at, level, msg, err, slices.Concat(fields, keysAndValues), pc) }
	d.mu.Lock()
	if !d.resolved && len(d.waiting) < maxDeferred {
		d.waiting = append(d.waiting, write)
		d.mu.Unlock()
		return
	}
	fields := d.fields
	d.mu.Unlock()
	write(fields)
}

// Resolve says what the fields are, and writes the lines that have waited.
func (d *deferred) Resolve(args ...any) {
	d.mu.Lock()
	d.resolved, d.fields = true, args
	waiting := d.waiting
	d.waiting = nil
	d.mu.Unlock()
	for _, write := range waiting {
		write(args)
	}
}

// Reset makes the lines wait again.
func (d *deferred) Reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.resolved, d.fields = false, nil
}
