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

// NewLogger returns a logger for LiveKit's packages that writes to the toolkit's log, with the
// same levels, filters, redaction and outputs as all log lines. The module is "livekit",
// followed by the logger's names and components, as in "livekit.transport". LiveKit's fields
// room, roomID, participant, participantID and trackID get the names of the registry.
//
//	lksdk.SetLogger(otellivekit.NewLogger(tel))
//	logger.SetLogger(otellivekit.NewLogger(tel), "livekit") // Of package protocol/logger.
//
// LiveKit passes no context to its loggers, so log lines have a trace only with
// [NewLoggerContext].
func NewLogger(tel *otelvoice.Telemetry) logger.Logger {
	return NewLoggerContext(context.Background(), tel)
}

// NewLoggerContext is [NewLogger] for log lines that belong to the session of ctx, such as
// those of one room. The cancellation of ctx has no effect.
func NewLoggerContext(ctx context.Context, tel *otelvoice.Telemetry) logger.Logger {
	return &lineLogger{ctx: context.WithoutCancel(ctx), tel: tel, module: "livekit", handler: tel.Logger("livekit", component()).Handler()}
}

// lineLogger is immutable: its methods return new loggers.
type lineLogger struct {
	ctx      context.Context //nolint:containedctx // The context of the room, because LiveKit passes none.
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
	const skipped = 3 // runtime.Callers, log and the method.
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
	_ = l.handler.Handle(l.ctx, record) // The handler counts records that it cannot write.
}

func (l *lineLogger) with(change func(*lineLogger)) *lineLogger {
	c := *l
	change(&c)
	return &c
}

// WithValues adds fields to all log lines.
func (l *lineLogger) WithValues(keysAndValues ...any) logger.Logger {
	return l.with(func(c *lineLogger) { c.fields = slices.Concat(c.fields, keysAndValues) })
}

// WithUnlikelyValues adds fields that are computed only for log lines that are written.
func (l *lineLogger) WithUnlikelyValues(keysAndValues ...any) logger.UnlikelyLogger {
	return logger.NewUnlikelyLogger(l, keysAndValues...)
}

// WithName adds a name to the module.
func (l *lineLogger) WithName(name string) logger.Logger { return l.below(name) }

// WithComponent adds a component to the module.
func (l *lineLogger) WithComponent(component string) logger.Logger { return l.below(component) }

// below returns a logger whose module is below this one's. It keeps the fields.
func (l *lineLogger) below(name string) logger.Logger {
	if name == "" {
		return l
	}
	return l.with(func(c *lineLogger) {
		c.module += "." + withoutNumber(name)
		c.handler = c.tel.Logger(c.module, component()).Handler()
	})
}

// WithCallDepth moves the source of log lines up by a number of callers.
func (l *lineLogger) WithCallDepth(depth int) logger.Logger {
	return l.with(func(c *lineLogger) { c.depth += depth })
}

// WithItemSampler returns the logger. The level decides what is logged.
func (l *lineLogger) WithItemSampler() logger.Logger { return l }

// WithoutSampler returns the logger, which has no sampler.
func (l *lineLogger) WithoutSampler() logger.Logger { return l }

// WithDeferredValues returns a logger that holds its log lines until their fields are known.
func (l *lineLogger) WithDeferredValues() (logger.Logger, logger.DeferredFieldResolver) {
	d := &deferred{}
	return l.with(func(c *lineLogger) { c.deferred = d }), d
}

// fieldName returns the registry's name of a LiveKit field.
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

// fieldValue returns the value of a LiveKit field. It removes telephone numbers from names.
func fieldValue(key string, value any) any {
	switch key {
	case "room", "roomName", "participant", "participantIdentity", "identity":
		if v := reflect.ValueOf(value); v.Kind() == reflect.String { // LiveKit has a type for each.
			return withoutNumber(v.String())
		}
	}
	return value
}

// attrs returns keys and values as attributes. As in log/slog, a value without a key gets the
// key !BADKEY.
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

// maxDeferred bounds the log lines that wait for their fields.
const maxDeferred = 1000

// deferred holds log lines until their fields are known.
type deferred struct {
	mu       sync.Mutex
	resolved bool
	fields   []any
	waiting  []func(fields []any)
}

// write holds a log line until the fields are known. If too many lines wait, it writes the
// line without them.
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

// Resolve sets the fields and writes the waiting log lines.
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

// Reset makes later log lines wait again.
func (d *deferred) Reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.resolved, d.fields = false, nil
}
