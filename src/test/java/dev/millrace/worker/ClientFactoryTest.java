package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.Callback;
import dev.millrace.config.ConfigException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientFactoryTest {
    @Test
    void asManyConnectionsAreKeptAsMessagesAreInFlightAndAsTheHeapHolds() {
        assertEquals(100, ClientFactory.idle(100));
        assertEquals(
                Runtime.getRuntime().maxMemory() / 16 / 65_536,
                ClientFactory.idle(Integer.MAX_VALUE));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://a.test/ | MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw | callback.hosts[1].host: 'https://a.test/' is not a host",
                "a.test          | c2hvcnQ=                                 | callback.hosts[1].secrets: secret 2 has 5 bytes",
                "a.test          | whsec_!!!                                | callback.hosts[1].secrets: secret 2 is not Base64"
            })
    void aHostOfItsOwnIsCheckedLikeTheOthers(String host, String secret, String said) {
        String good = "MDAw".repeat(10);
        Callback callback =
                new Callback(
                        Duration.ofSeconds(1),
                        1,
                        List.of(),
                        List.of(),
                        List.of(good),
                        List.of(
                                new Callback.Host("b.test", List.of(good)),
                                new Callback.Host(host, List.of(good, secret))));
        String line =
                assertThrows(ConfigException.class, () -> ClientFactory.signer(callback))
                        .getMessage();
        assertTrue(line.startsWith(said), line);
        assertEquals(1, line.lines().count(), line);
        assertFalse(line.contains(secret), line);
    }
}
