package dev.millrace.gpu;

/**
 * A GPU and the libraries that drive it: all that a plan depends on.
 *
 * @param index of the device in this process
 * @param name as the driver gives it, such as {@code Tesla T4}
 * @param computeMajor of the compute capability, 7 of 7.5
 * @param computeMinor of the compute capability, 5 of 7.5
 * @param memoryBytes of the device
 * @param driver the highest CUDA version that the driver serves, such as {@code 13.1}
 * @param cuda version of the CUDA runtime, such as {@code 13.1}
 * @param tensorRt version of TensorRT, such as {@code 10.15.1.29}
 */
public record GpuInfo(
        int index,
        String name,
        int computeMajor,
        int computeMinor,
        long memoryBytes,
        String driver,
        String cuda,
        String tensorRt) {

    /** Such as {@code sm_75}. */
    public String architecture() {
        return "sm_" + computeMajor + computeMinor;
    }
}
