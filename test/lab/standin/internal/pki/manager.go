package pki

import (
	"crypto/tls"
	"sync"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
)

// Manager keeps one certificate issued: it asks when there is none or the old one is due, and keeps asking.
type Manager struct {
	Store   Store
	Subject Subject
	// Client returns the client to ask with; hasCurrent tells it whether a valid certificate exists.
	Client func(hasCurrent bool) (*kubeapi.Client, error)
	// Delay is waited before a first request.
	Delay time.Duration

	mu      sync.RWMutex
	current *tls.Certificate
}

// Start loads the pair on disk and keeps it fresh in the background.
func (m *Manager) Start() {
	if pair, err := m.Store.Load(); err == nil {
		m.set(pair)
	}
	go m.run()
}

// Current returns the certificate, or nil when there is none or it has expired.
func (m *Manager) Current() *tls.Certificate {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.current == nil || time.Now().After(m.current.Leaf.NotAfter) {
		return nil
	}
	return m.current
}

func (m *Manager) set(pair *tls.Certificate) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.current = pair
}

func (m *Manager) run() {
	pause := 2 * time.Second
	for first := true; ; first = false {
		current := m.Current()
		if current != nil && time.Now().Before(renewAt(current)) {
			time.Sleep(time.Second)
			continue
		}
		if first {
			time.Sleep(m.Delay)
		}
		if err := m.ask(current != nil); err != nil {
			logs.Errorf("no certificate for %s yet, next try in %v: %v", m.Subject.CommonName, pause, err)
			time.Sleep(pause)
			if pause *= 2; pause > 32*time.Second {
				pause = 32 * time.Second
			}
			continue
		}
		pause = 2 * time.Second
	}
}

// renewAt is four fifths into the certificate's life; the real one picks a random point between 70 and 90 %.
func renewAt(pair *tls.Certificate) time.Time {
	life := pair.Leaf.NotAfter.Sub(pair.Leaf.NotBefore)
	return pair.Leaf.NotBefore.Add(life * 4 / 5)
}

const waitForSignature = 15 * time.Minute

func (m *Manager) ask(hasCurrent bool) error {
	client, err := m.Client(hasCurrent)
	if err != nil {
		return err
	}
	keyPEM, requestPEM, err := Template(m.Subject)
	if err != nil {
		return err
	}
	path, err := Submit(client, requestPEM, m.Subject)
	if err != nil {
		return err
	}
	logs.Infof("asked for the certificate of %s, waiting for %s", m.Subject.CommonName, path)
	for end := time.Now().Add(waitForSignature); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		issued, err := Look(client, path)
		switch {
		case kubeapi.HasCode(err, 404):
			return err
		case err != nil:
			logs.V(2, "cannot read %s: %v", path, err)
		case issued.Refused != "":
			return errRefused(issued.Refused)
		case len(issued.Certificate) > 0:
			if err := m.Store.Save(issued.Certificate, keyPEM); err != nil {
				return err
			}
			pair, err := m.Store.Load()
			if err == nil {
				m.set(pair)
			}
			return err
		}
	}
	return errRefused("nobody signed it in time")
}

type errRefused string

func (e errRefused) Error() string { return string(e) }
