package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ClientFactoryTest {
    @Test
    void asManyConnectionsAreKeptAsMessagesAreInFlightAndAsTheHeapHolds() {
        assertEquals(100, ClientFactory.idle(100));
        assertEquals(
                Runtime.getRuntime().maxMemory() / 16 / 65_536,
                ClientFactory.idle(Integer.MAX_VALUE));
    }
}
