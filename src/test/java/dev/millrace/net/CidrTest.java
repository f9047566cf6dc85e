package dev.millrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.0.1, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "172.16.0.0/12, 172.31.255.255, true",
        "172.16.0.0/12, 172.32.0.0, false",
        "127.0.0.1, 127.0.0.1, true",
        "127.0.0.1, 127.0.0.2, false",
        "0.0.0.0/0, 8.8.8.8, true",
        "0.0.0.0/0, 2a00::1, false",
        "::1/128, ::1, true",
        "fd00::/8, fdff::1, true",
        "fd00::/8, fc00::1, false",
        "2000::/3, 3fff::1, true",
        "2000::/3, 4000::1, false",
    })
    void containsWhatSharesItsPrefix(String block, String address, boolean contained) {
        assertEquals(contained, Cidr.parse(block).contains(InetAddress.ofLiteral(address)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/8",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/x",
                "10.1/8",
                "10",
                "256.0.0.0/8",
                "localhost",
                "::1/129",
                "fe80::1%eth0",
                "[::1]",
                ":",
                "10.0.0.1/8"
            })
    void saysWhatToWriteInstead(String text) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> Cidr.parse(text));

        assertTrue(e.getMessage().contains("write"), e.getMessage());
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
    }

    @Test
    void namesTheBlockThatWasMeant() {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> Cidr.parse("10.1.2.3/8"));

        assertTrue(e.getMessage().endsWith("write 10.0.0.0/8"), e.getMessage());
    }
}
