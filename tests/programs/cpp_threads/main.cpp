#include <atomic>
#include <future>
#include <iostream>
#include <mutex>
#include <thread>
#include <vector>

int main()
{
    std::atomic<long> counter{0};
    std::mutex mutex;
    std::vector<int> seen;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; i++)
        threads.emplace_back([&, i] {
            for (int k = 0; k < 1000; k++)
                counter += i;
            std::lock_guard<std::mutex> lock(mutex);
            seen.push_back(i);
        });
    for (auto &thread : threads)
        thread.join();
    auto future = std::async(std::launch::async, [] { return 6 * 7; });
    std::cout << counter << ' ' << seen.size() << ' ' << future.get() << std::endl;
}
