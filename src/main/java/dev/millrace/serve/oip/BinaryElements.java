package dev.millrace.serve.oip;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The elements of a BYTES tensor in binary form: each has its length in front of it. */
final class BinaryElements {
    private static final VarHandle LENGTH =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private BinaryElements() {}

    /**
     * Reads elements up to the end of the body. Each image is copied, once.
     *
     * @param count how many there must be
     */
    static List<ImageSource> read(byte[] body, int from, int count, boolean urls)
            throws BadRequestException {
        List<ImageSource> images = new ArrayList<>(count);
        int at = from;
        while (at < body.length) {
            String element = "element " + images.size() + " of the binary data";
            if (images.size() == count) {
                throw new BadRequestException(
                        body.length
                                - at
                                + " bytes follow the last of "
                                + count
                                + " elements of the binary data; give as many elements as shape"
                                + " says, each a little-endian u32 length and the image");
            }
            if (body.length - at < Integer.BYTES) {
                throw new BadRequestException(
                        element + " is cut off in its length; send 4 bytes and the image");
            }
            long length = Integer.toUnsignedLong((int) LENGTH.get(body, at));
            at += Integer.BYTES;
            if (length == 0) {
                throw new BadRequestException(element + " is empty; send a whole image file");
            }
            if (length > body.length - at) {
                throw new BadRequestException(
                        element
                                + " says that it has "
                                + length
                                + " bytes, but "
                                + (body.length - at)
                                + " follow; put its little-endian u32 length in front of each"
                                + " image");
            }
            int end = at + (int) length;
            images.add(
                    urls
                            ? ImageUrl.of(body, at, (int) length, element)
                            : new ImageSource.Bytes(Arrays.copyOfRange(body, at, end)));
            at = end;
        }
        if (images.size() < count) {
            throw new BadRequestException(
                    "the binary data ends after "
                            + images.size()
                            + " of "
                            + count
                            + " elements; give as many as shape says");
        }
        return images;
    }
}
